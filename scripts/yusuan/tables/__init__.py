"""Tables understood: what each grid is, what its columns mean, what its rows are and whether its sums agree."""
