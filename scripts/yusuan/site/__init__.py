"""The site: Datasette's metadata from the specs, our pages and plugin, and the server."""
