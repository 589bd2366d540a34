"""What the bank measures: each entry under a public and several secret seeds, in both frameworks."""
