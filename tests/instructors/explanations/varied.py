"""Explanations for large classes, made by machine, each two of which might be alike.

For all have the same numbers, negations and directions in them. They are made from sentences whose
words vary, in another choice and order for each student, with slips of the pen; one in ten is an
edited copy of another.
"""

import random
import re

from grader.instructors.explanations import text

# Of each idea some ways to say it; (a|b) stands for one of both. No word in them is a number, a
# negation or a direction for `text.signs`.
IDEAS = (
    (
        "(Backpropagation|Backprop|The backward pass) (uses|relies on|is based on|"
        "applies) the chain rule( of calculus|)",
        "(We|You|One can) (apply|use|write down) the chain rule (layer by layer|from the "
        "output to the input|for every layer of the network)",
        "(Because of|Thanks to|With) the chain rule (the derivative|the gradient|each "
        "partial derivative) (is a product of|splits into|can be written as) (local "
        "derivatives|factors that every layer knows|simple pieces)",
        "(It|The algorithm|This method) (differentiates|takes the derivative of) the "
        "(whole network|composition of functions|nested functions) by the chain rule",
    ),
    (
        "(During|In|While doing) the forward pass (each|every) layer (stores|keeps|saves|"
        "remembers) its (input|inputs|activations|values)",
        "(the intermediate results|the activations|values of the hidden layers) (are|"
        "were) (cached|stored|kept in memory|saved) (on the way forward|in the forward "
        "direction|first)",
        "we (already have|already know|can look up) the (outputs|activations) of (all|"
        "the) layers (since|because|as) the forward pass (computed|calculated|produced) "
        "them",
        "(What|Everything that) is (computed|worked out) on the way forward is (reused|"
        "used again) (on the way back|later|by the backward step)",
    ),
    (
        "(The error|The derivative of the loss|The delta) (is passed|is sent|flows|"
        "travels|goes) (back|backwards|from the last layer to the first layer) (through "
        "the network|layer by layer|until it reaches the input)",
        "(Each|Every) layer (receives|gets|takes) the (gradient|derivative|error signal) "
        "(of|from) the layer (above|behind it|after it) and (hands|passes|gives) (it|its "
        "own) (on|down|to the layer before)",
        "we (start|begin) (at|with) the (loss|cost|output error) and (walk|move|work) "
        "(back|backwards) (through|over) the (layers|network)",
    ),
    (
        "(Common|Shared|The same) (factors|terms|subexpressions|parts of the product) "
        "(are computed|are calculated|appear) (once|a single time|only once) and (are "
        "shared|used|serve) (for|by) (all parameters|every weight|all the weights below)",
        "(This|That) (avoids|saves|gets rid of) (repeated work|computing the same things "
        "again and again|redundant calculations|a lot of duplicate computation)",
        "(like|as) in dynamic programming, (results|partial derivatives) are (memoized|"
        "stored|remembered) (instead of being recomputed|and reused)",
    ),
    (
        "(The numerical method|Numerical differentiation|The finite difference approach|"
        "Finite differences) (needs|requires|has to do|must run) (a|an extra|its own|a "
        "complete) forward pass (for|per) (each|every single|every) (parameter|weight|"
        "weight and bias)",
        "(to get|for) a numerical gradient (we|you) (change|perturb|wiggle|nudge) (each|"
        "every) (parameter|weight) (a little|by epsilon|by a tiny amount) and (evaluate|"
        "compute|run) the (loss|network|cost function) again",
        "(with|in) the (numerical|naive) way the (whole|entire) network (is evaluated|"
        "runs|has to be run) (again|anew) for (every|each) (weight|parameter)",
    ),
    (
        "(so|therefore|hence|that is why|thus) (one|a single) (backward pass|pass back|"
        "sweep) (gives|yields|delivers|provides) (all gradients|the gradient of every "
        "parameter|every derivative at once)",
        "(all|the) (gradients|derivatives) (come out|are obtained|are available) "
        "(together|at the same time|in one go|after one backward pass)",
        "(the cost|the price|the amount of work) of (a|one|the) backward pass is (about|"
        "roughly|comparable to) (that of|the cost of) (a|one) forward pass",
    ),
    (
        "(The gradient|The derivative) of (a|the) weight matrix is the (outer product|"
        "product) of the (stored|saved) input and the (incoming|received) (gradient|"
        "delta)",
        "(For|In) (a|each) (linear|dense|fully connected) layer (we|you) (multiply|"
        "combine) the (transposed input|stored input|input matrix) with the (upstream "
        "gradient|error)",
        "the bias gradient is (just|simply) the sum of the (deltas|incoming gradients) "
        "(over the batch|of all examples)",
    ),
    (
        "(In|For) (my|our|the) (network|experiment|plot|measurement) (it|this|"
        "backpropagation) (was clearly|is|was really) (quick|worth it|the better choice)",
        "(the figure|the plot|the table|my measurement) (shows|confirms|agrees with) "
        "(this|that|the explanation|what I expected)",
        "(I|We) (checked|compared|verified) (the gradients|both results) and they (agree|"
        "match|are the same) (up to rounding|within the tolerance|to many digits)",
    ),
    (
        "(Matrix multiplications|The matrix products|These operations) (run|are executed|"
        "are done) (efficiently|in optimized libraries|by NumPy) (for|on) (the whole "
        "batch|all examples)",
        "(Python loops|Loops over parameters) (are|would be) (expensive|costly|a waste "
        "of time) (here|in practice|for big networks)",
        "(the depth|the number of layers) (matters|plays a role|counts) (in both cases|"
        "for both methods), but the (number of parameters|parameter count) (only|just) "
        "(hurts|matters for) the numerical (method|gradient)",
    ),
)
QUOTE = (
    "Question: Explain in your own words why backpropagation computes the gradients of all "
    "parameters of a network in a fraction of the time of the numerical method, which values are "
    "kept on the way forward, and how they are used on the way back. Answer: "
)
KINDS = ("varied", "quoted", "short")  # as `explanations` says
_CHOICE = re.compile(r"\(([^()]*)\)")


def _said(pattern: str, chance: random.Random) -> str:
    """A sentence of the pattern."""
    return _CHOICE.sub(lambda found: chance.choice(found[1].split("|")), pattern)


def _edited(said: str, chance: random.Random, slips: float) -> str:
    """The text with slips of the pen: a letter is lost, doubled or another."""
    letters = []
    for letter in said:
        if letter.isalpha() and chance.random() < slips:
            letter = chance.choice(("", 2 * letter, chance.choice("aeiournst")))
        letters.append(letter)
    return "".join(letters)


def _explanation(chance: random.Random, ideas: int) -> str:
    chosen = chance.sample(IDEAS, ideas)
    sentences = [_said(chance.choice(idea), chance) for idea in chosen]
    said = chance.choice((". ", ", and ", "; ", ".\n")).join(sentences)
    return _edited(said, chance, chance.choice((0, 0, 0.003, 0.01)))


def explanations(count: int, kind: str = "varied") -> list[str]:
    """The answers of so many students to one exercise; always the same ones.

    A "short" one is a single sentence, a "quoted" one begins with the question that it answers.
    """
    chance = random.Random(7)
    made: list[str] = []
    signs = None
    while len(made) < count:
        if made and chance.random() < 0.1:
            said = _edited(chance.choice(made), chance, 0.02)
        else:
            said = QUOTE if kind == "quoted" else ""
            said += _explanation(chance, 1 if kind == "short" else chance.randint(2, 5))
        found = text.signs(text.plain(said))
        if found == (signs := signs or found):
            made.append(said)
    return made
