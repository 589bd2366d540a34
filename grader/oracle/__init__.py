"""What a right program computes, in NumPy: nets as declarative graphs, variants and known mistakes as rewrites."""
