"""Draws pictures that look like house numbers: the synthetic stand-in for the SVHN data set.

You need not read this file to solve the exercises. `svhn.py` uses it.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

# Images of each class in the real set, labels 1, 2, ..., 10, where 10 stands for the digit 0.
TRAIN_COUNTS = (13861, 10585, 8497, 7458, 6882, 5727, 5595, 5045, 4659, 4948)
TEST_COUNTS = (5099, 4149, 2882, 2523, 2384, 1977, 2019, 1660, 1595, 1744)

SIZE = 32  # pixels, height and width of an image
CANVAS = 128  # pixels, height and width of the sheet on which a number is written
LETTER = 64  # pixels, size of the font on that sheet

# Fonts that come with matplotlib, so that every computer has them; plain ones more often.
FONTS = (
    *["DejaVuSans-Bold", "DejaVuSans", "DejaVuSansMono-Bold", "cmss10"] * 3,
    *["DejaVuSerif-Bold", "STIXGeneralBol", "STIXGeneral", "cmb10"] * 2,
    *["DejaVuSans-BoldOblique", "DejaVuSans-Oblique", "DejaVuSerif", "STIXGeneralBolIta"],
)

# Red, green, blue of the ground and of the digits, and how often the pair is seen.
COLOURS = (
    ((25, 45, 120), (235, 235, 235), 10),  # enamel plate, white on blue
    ((25, 25, 30), (230, 230, 225), 8),  # white on black
    ((70, 40, 25), (215, 195, 140), 6),  # brass on dark wood
    ((120, 55, 40), (240, 235, 225), 4),  # white on brick
    ((30, 65, 50), (225, 220, 190), 4),  # cream on a green door
    ((140, 25, 35), (240, 235, 235), 2),  # white on red
    ((70, 75, 80), (235, 235, 230), 4),  # white on slate
    ((225, 225, 220), (30, 30, 40), 9),  # black on white
    ((205, 190, 160), (45, 30, 25), 9),  # iron on sandstone
    ((215, 220, 230), (35, 55, 135), 5),  # blue on white
)


def draw(
    n_images: int, seed: int, class_counts: Sequence[int] = TRAIN_COUNTS
) -> tuple[np.ndarray, np.ndarray]:
    """Draw `n_images` house numbers; the same seed gives the same images.

    Returns X, uint8 of shape 32 x 32 x 3 x n_images, and y, uint8 of shape n_images x 1
    with labels 1..10 (10 is the digit 0), as the real files hold them. The classes have
    the shares of `class_counts`.
    """
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(1, 11), share_out(n_images, class_counts))
    rng.shuffle(labels)
    X = np.empty((SIZE, SIZE, 3, n_images), dtype=np.uint8)
    for i, label in enumerate(labels):
        X[..., i] = draw_image(int(label) % 10, rng)
    return X, labels.astype(np.uint8)[:, np.newaxis]


def share_out(total: int, counts: Sequence[int]) -> np.ndarray:
    """Whole numbers that add up to `total`, in the proportions of `counts`.

    Largest remainders: round down, then give what is left to those who lost most.
    """
    exact = total * np.asarray(counts) / sum(counts)
    whole = np.floor(exact).astype(int)
    losers = np.argsort(whole - exact, kind="stable")
    whole[losers[: total - whole.sum()]] += 1
    return whole


def draw_image(digit: int, rng: np.random.Generator) -> np.ndarray:
    """One image, uint8 of shape 32 x 32 x 3, with `digit` in the middle."""
    digits, plate = write_number(digit, rng)
    ground_colour, ink_colour = choose_colours(rng)
    wall = ground_colour * rng.uniform(0.5, 1.2) + rng.normal(0, 30, 3)
    ground = wall + (ground_colour - wall) * plate
    ground = ground * texture(rng, 0.12)
    if rng.random() < 0.4:  # raised digits throw a shadow
        down, right = rng.integers(0, 2, size=2)
        ground = ground * (1 - 0.5 * np.roll(digits, (down, right), axis=(0, 1)))
    image = ground + (ink_colour * texture(rng, 0.06) - ground) * digits
    return photograph(image, rng)


def write_number(digit: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Where there is ink, and where the plate is that it stands on.

    Both of shape 32 x 32 x 1, from 0 (none) to 1. The neighbours of `digit` are cut off at
    the edges of the image.
    """
    font = load_font(FONTS[rng.integers(len(FONTS))])
    sheet = Image.new("L", (CANVAS, CANVAS))
    pen = ImageDraw.Draw(sheet)
    middle = CANVAS / 2
    left, top, right, bottom = font.getbbox(str(digit), anchor="ls")
    baseline = middle - (top + bottom) / 2
    centre = (left + right) / 2
    gap = rng.uniform(0, 10)
    pen.text((middle - centre, baseline), str(digit), fill=255, font=font, anchor="ls")
    has_left, has_right = rng.random(2) < 0.6
    before, after = rng.integers(10, size=2)
    if has_left:
        pen.text((middle - centre + left - gap, baseline), str(before), 255, font, anchor="rs")
    if has_right:
        pen.text((middle - centre + right + gap, baseline), str(after), 255, font, anchor="ls")

    # From a place in the image to the place on the sheet: turn, slant, stretch, shift.
    angle, slant = rng.normal(0, 0.06), rng.normal(0, 0.07)
    zoom = (bottom - top) / rng.uniform(21, 27)  # sheet pixels for a pixel of the image
    across, along = zoom * rng.uniform(1.0, 1.4), zoom
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = np.diag([across, along]) @ np.array([[1, slant], [0, 1]]) @ turn
    shift = middle - matrix @ (SIZE / 2 + rng.normal(0, 0.6, 2))

    plate = np.ones((SIZE, SIZE, 1))
    if rng.random() < 0.45:
        rim = rng.uniform(4, 26, size=4)
        box = Image.new("L", (CANVAS, CANVAS))
        x0 = -1 if has_left else middle - (right - left) / 2 - rim[0]
        x1 = CANVAS if has_right else middle + (right - left) / 2 + rim[1]
        y0, y1 = baseline + top - rim[2], baseline + bottom + rim[3]
        ImageDraw.Draw(box).rectangle((x0, y0, x1, y1), fill=255)
        plate = warp(box, matrix, shift)
    return warp(sheet, matrix, shift), plate


def warp(sheet: Image.Image, matrix: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """The sheet as the camera sees it, 32 x 32 x 1, values 0 to 1."""
    # Twice as fine, then the mean of 2 x 2 pixels: smooth edges.
    a, b, d, e = matrix.ravel() / 2
    seen = sheet.transform(
        (2 * SIZE, 2 * SIZE),
        Image.Transform.AFFINE,
        (a, b, shift[0], d, e, shift[1]),
        Image.Resampling.BILINEAR,
    )
    brightness: np.ndarray = np.asarray(seen.reduce(2), dtype=float)[..., np.newaxis]
    return brightness / 255


def choose_colours(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Colour of the ground and of the ink, each red, green, blue from 0 to about 255."""
    frequency = np.array([often for _, _, often in COLOURS])
    ground, ink, _ = COLOURS[rng.choice(len(COLOURS), p=frequency / frequency.sum())]
    return np.array(ground) + rng.normal(0, 14, 3), np.array(ink) + rng.normal(0, 14, 3)


def texture(rng: np.random.Generator, strength: float) -> np.ndarray:
    """Brightness of a surface, 32 x 32 x 1, about 1: light from one side, spots, boards."""
    x = np.linspace(-1, 1, SIZE)
    y = x[:, np.newaxis]
    slope = rng.normal(0, strength, 2)
    light: np.ndarray = 1 + slope[0] * x + slope[1] * y
    n = int(rng.integers(4, 12))
    spots = Image.fromarray(rng.normal(0, strength, (n, n)).astype(np.float32))
    light += np.asarray(spots.resize((SIZE, SIZE), Image.Resampling.BICUBIC))
    if rng.random() < 0.25:
        lines = x if rng.random() < 0.3 else y
        light -= strength * (np.sin(rng.uniform(4, 14) * lines + rng.uniform(0, 6)) > 0.8)
    return light[..., np.newaxis]


def photograph(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """What a distant camera makes of it: haze, exposure, grain, blur, few pixels; uint8."""
    haze, fading = rng.beta(1, 8), rng.uniform(0, 0.6)
    image = image + haze * (image.mean() - image)
    image = image + fading * (image.mean(axis=2, keepdims=True) - image)
    image = image * rng.uniform(0.8, 1.35) + rng.normal(0, rng.uniform(1, 8), (SIZE, SIZE, 1))
    picture = Image.fromarray(np.clip(image, 0, 255).astype(np.uint8))
    if rng.random() < 0.4:
        few = int(rng.integers(12, 24))
        picture = picture.resize((few, few), Image.Resampling.BOX)
        picture = picture.resize((SIZE, SIZE), Image.Resampling.BICUBIC)
    picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.1)))
    grain = rng.normal(0, 1.5, (SIZE, SIZE, 3))
    return np.clip(np.asarray(picture) + grain, 0, 255).astype(np.uint8)


@cache
def load_font(name: str) -> ImageFont.FreeTypeFont:
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    return ImageFont.truetype(
        str(folder / f"{name}.ttf"), LETTER, layout_engine=ImageFont.Layout.BASIC
    )
