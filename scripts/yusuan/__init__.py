"""yusuan (预算): public-unit budget disclosures in, validated, traceable open data out."""

__version__ = "0.1.0"
