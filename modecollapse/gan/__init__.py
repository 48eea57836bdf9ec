"""Training against mode collapse, at a scale two processor cores run in minutes: the optional extra `gan`.

Packing, merged samples, the mode penalty and L-GAN's combinations are parts of one trainer. Nothing else in
`modecollapse` imports this package. It needs JAX and optax.

Networks and losses are pairs of pure functions. `trainer.Setup` combines them, and `trainer.train` runs many
trials at once. A `configuration.Configuration` describes a `Setup` in plain words and numbers. The studies of
`figures.training` are made with these parts. They judge generators by the region of their modes.
"""
