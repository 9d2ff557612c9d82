#!/usr/bin/env python3
"""Films a light: what a camera sees of edges that the player of led-codes made, as pictures or as samples of brightness.

The edges are those of the crate's own player: `cargo run -p led-codes --example led-edges -- can-bus fan > edges.csv`. The light has
its own clock, the camera another one; frames are lost, and each has noise. Nothing here knows what a code is.

    film.py csv FPS SEED EDGES > camera.csv      brightness of a spot: time_us,brightness
    film.py video FPS SEED EDGES FILE            a spot before a background that moves, held by a hand that shakes (ffmpeg)
"""

import math
import random
import subprocess
import sys

CLOCK = 1.07  # the light is slow by 7 %
LOST = 0.01


def edges(file):
    """The edges of a light: (seconds of the camera's clock, lit)."""
    with open(file, encoding="ascii") as lines:
        rows = [line.strip().split(",") for line in lines][1:]
    return [(int(t_us) / 1e6 * CLOCK, level != "off") for t_us, level in rows]


def light(changes, seconds, exposure):
    """The part of the exposure that ends at an instant in which the light was lit, 0 to 1."""
    lit = 0.0
    for (begin, is_lit), (end, _) in zip(changes, changes[1:] + [(math.inf, False)]):
        if is_lit:
            lit += max(0.0, min(end, seconds) - max(begin, seconds - exposure))
    return min(1.0, lit / exposure)


def frames(fps, changes, chance):
    """The instants of the frames that were not lost, from an instant of its own on."""
    at = chance.random() / fps
    while at < changes[-1][0]:
        if chance.random() >= LOST:
            yield at
        at += 1 / fps


def csv(fps, seed, recorded):
    chance = random.Random(seed)
    changes = edges(recorded)
    print("time_us,brightness")
    for at in frames(fps, changes, chance):
        flicker = 4 * math.sin(2 * math.pi * 100 * at)
        brightness = 40 + 150 * light(changes, at, 0.6 / fps) + flicker + chance.uniform(-4, 4)
        print(f"{int(at * 1e6)},{brightness:.1f}")


def video(fps, seed, recorded, file):
    chance = random.Random(seed)
    changes = edges(recorded)
    width, height = 320, 240
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{width}x{height}", "-r", str(fps), "-i", "-",
        "-c:v", "libx264", "-preset", "ultrafast", "-crf", "26", "-pix_fmt", "yuv420p", file]
    encoder = subprocess.Popen(command, stdin=subprocess.PIPE)
    # A ramp of brightness that is two pictures long, of which each row of a picture is a part: it moves to the left.
    ramp = bytes(30 + abs((x % 256) - 128) // 2 for x in range(width * 2 + 512))
    number, at = 0, 0.0
    while at < changes[-1][0]:
        shift = number * 2 % 256
        picture = bytearray(b"".join(ramp[shift + y % 64 : shift + y % 64 + width] for y in range(height)))
        # Somebody walks through the picture, as bright as the light.
        walker = number * 3 % (width + 60) - 30
        for y in range(150, 230):
            for x in range(max(0, walker), min(width, walker + 20)):
                picture[y * width + x] = 190
        dx, dy = round(3 * math.sin(number * 0.37) + chance.uniform(-1, 1)), round(3 * math.sin(number * 0.23) + chance.uniform(-1, 1))
        lit = light(changes, at, 0.6 / fps)
        for y in range(-2, 3):
            for x in range(-2, 3):
                place = (80 + dy + y) * width + 210 + dx + x
                picture[place] = int(picture[place] * (1 - lit) + 250 * lit)
        encoder.stdin.write(picture)
        number += 1
        at = number / fps
    encoder.stdin.close()
    if encoder.wait() != 0:
        sys.exit("ffmpeg has failed")


kind, fps, seed, *files = sys.argv[1:]
if kind == "csv":
    csv(float(fps), int(seed), *files)
else:
    video(int(fps), int(seed), *files)
