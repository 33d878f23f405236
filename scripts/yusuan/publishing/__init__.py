"""Publishing a year: conditions, formats, the difference to the last release, integrity, descriptions for machines."""
