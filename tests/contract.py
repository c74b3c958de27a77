"""The names of this course's cells, and their points, that answers and tests rely on."""

from grader.course.assignment import Cell


def _solution(name: str) -> Cell:
    return Cell(name, "solution")


def _test(name: str, points: int) -> Cell:
    return Cell(name, "test", points)


def _manual(name: str, points: int) -> Cell:
    return Cell(name, "manual", points)


CONTRACT: dict[str, tuple[Cell, ...]] = {
    "1-complexity": (
        _solution("parameter-count"),
        _test("test-parameter-count", 3),
        _solution("step-multiplications"),
        _test("test-step-multiplications", 4),
        _solution("growth-exponent"),
        _test("test-growth-exponent", 2),
        _manual("explain-complexity", 6),
    ),
    "2-tanh": (
        _solution("tanh-class"),
        _test("test-tanh-forward", 6),
        _test("test-tanh-gradient", 10),
        _test("test-tanh-backprop", 6),
        _solution("training-loop"),
        _test("test-training-loop", 8),
    ),
    "3-backprop": (
        _solution("loss-evaluations"),
        _test("test-loss-evaluations", 3),
        _solution("chain-rule"),
        _test("test-chain-rule", 5),
        _manual("explain-backprop", 7),
    ),
    "4-svhn": (
        _solution("epochs"),
        _test("test-epochs", 1),
        _solution("model-class"),
        _test("test-model-class", 6),
        _solution("steps"),
        _test("test-steps", 8),
        _solution("load-data"),
        _test("test-load-data", 4),
        _solution("datasets"),
        _test("test-datasets", 6),
        _solution("objects"),
        _test("test-objects", 3),
        _solution("metrics"),
        _test("test-metrics", 2),
        _solution("training"),
        _test("test-training", 6),
        _test("test-learning", 4),
    ),
}

POINTS = {name: sum(cell.points for cell in cells) for name, cells in CONTRACT.items()}
