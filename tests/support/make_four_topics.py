#!/usr/bin/python3
"""Writes tests/data/four_topics.txt: 400 small documents, one a line, drawn from four invented topics.

A document has a main topic, number n % 4, from which four fifths of its words of content come; the rest come from
another. Words of grammar stand between them. usage: make_four_topics.py > tests/data/four_topics.txt
"""

TOPICS = [
    "sea boat wave harbour sailor anchor tide storm island rope captain deck fish net lighthouse".split(),
    "bread oven flour kitchen salt butter recipe spoon soup onion cook knife plate pepper dough".split(),
    "star planet moon orbit telescope comet galaxy light sky sun eclipse night crater meteor lens".split(),
    "violin song choir drum melody piano concert rhythm string voice flute stage tune harp bass".split(),
]
GRAMMAR = "the a of and in to with on for it was is at by from as that this but not".split()
DOCUMENTS = 400


class Random:
    """The minimal generator of Park and Miller (1988), the same on every machine."""

    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state = self.state * 48271 % 2147483647
        return self.state % n


def document(n, random):
    words = []
    other = TOPICS[(n + 1 + random.below(3)) % 4]
    for _ in range(8 + random.below(25)):
        if random.below(3) == 0:
            words.append(GRAMMAR[random.below(len(GRAMMAR))])
        topic = TOPICS[n % 4] if random.below(5) else other
        words.append(topic[min(random.below(len(topic)), random.below(len(topic)))])  # the first ones more often
    return " ".join(words).capitalize() + "."


def main():
    random = Random(20)
    for n in range(DOCUMENTS):
        print(document(n, random))


if __name__ == "__main__":
    main()
