"""What a right program computes, in NumPy: nets as declarative graphs, their variants and known mistakes as rewrites."""
