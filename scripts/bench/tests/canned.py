"""Figures as a run would leave them."""


def row(name, *rounds, **about):
    """What was measured of one subject: figures of each round."""
    return {"name": name, **about, "rounds": list(rounds)}
