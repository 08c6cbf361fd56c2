"""Small texts written for tests."""

import random

_OPENINGS = [
    "The",
    "In the morning the",
    "After that a",
    "They say that the",
    "Nobody knew why the",
    "With some luck the",
]
_NOUNS = [
    "baker",
    "miller",
    "window",
    "garden",
    "river",
    "teacher",
    "letter",
    "bridge",
    "lantern",
    "kettle",
    "farmer",
    "orchard",
    "ladder",
    "candle",
    "harbor",
    "meadow",
    "barrel",
    "thimble",
    "wagon",
    "blanket",
    "cellar",
    "pasture",
    "hammer",
    "needle",
    "pocket",
    "saddle",
    "shovel",
    "violin",
    "whistle",
    "bucket",
]
_VERBS = [
    "followed",
    "carried",
    "mended",
    "noticed",
    "painted",
    "washed",
    "counted",
    "borrowed",
    "opened",
    "measured",
    "lifted",
    "watched",
    "polished",
    "gathered",
    "crossed",
    "covered",
    "answered",
    "repaired",
    "remembered",
    "trusted",
]
_ENDS = """before the rain came|and said nothing of it|to the end of the road|with both hands|because it was late
|as everybody had hoped|and went home to supper|in the old quarter of the town|when the bells had stopped
|to be sure of the matter""".replace("\n", "").split("|")


def prose(num_words: int, seed: int = 0) -> str:
    """Sentences that make some sense, about so many words."""
    draw = random.Random(seed)
    words: list[str] = []
    while len(words) < num_words:
        sentence = f"{draw.choice(_OPENINGS)} {draw.choice(_NOUNS)} {draw.choice(_VERBS)} {draw.choice(_NOUNS)}s"
        words += f"{sentence} and {draw.choice(_NOUNS)}s {draw.choice(_ENDS)}.".split()
    return " ".join(words[:num_words]).rstrip(".") + "."
