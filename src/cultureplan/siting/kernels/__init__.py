"""Compiled kernels of the siting models: local searches for the answer, Lagrangian duals for the bound.

A module here is imported only when a model is solved that needs it, because loading the compiler takes a
second; what it compiles is kept on disk.
"""
