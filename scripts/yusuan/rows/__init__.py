"""Rows: what one document, and a year of documents, become in the tables of a package and its subject tables."""
