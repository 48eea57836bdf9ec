"""Training against mode collapse, at a scale two processor cores run in minutes: the optional extra `gan`.

Packing, merging, the mode penalty and L-GAN's combinations are parts of one trainer. Nothing else in
`modecollapse` imports this package. It needs JAX, optax.

Networks and losses are pairs of pure functions; `trainer.Setup` puts them together, `trainer.train` runs many
trials at once. A `configuration.Configuration` names a `Setup` in plain words and numbers. The studies made
with these parts, `figures.training`, read generators through the region of their modes.
"""
