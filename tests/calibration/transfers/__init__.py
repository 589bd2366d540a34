"""Ways of `transfer` and `fine_tuner`, right and wrong, by the same names in both frameworks."""
