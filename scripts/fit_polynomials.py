#!/usr/bin/env python3
"""Fits the two polynomials of maxsimd/kernels/simd/math.h and prints them with their errors.

Minimax by Lawson's iteratively reweighted least squares on Chebyshev points, rounded to float32 and
tried in simulated float32 arithmetic with fused multiply-adds. Needs numpy and scipy.

  2^f on [-1/2, 1/2]: 1 + f P(f), relative error.
  Phi(-u)^(1/8) on [0, 6]: the weight is what an error of the root does to u Phi(-u), GELU's tail;
  near 0, where that vanishes, it is kept up so that GELU's relative error stays small.
"""
import numpy as np
from scipy.special import ndtr

TAIL_LIMIT = 6.0
TAIL_POWER = 8


def chebyshev_points(low, high, count=4000):
    angles = np.pi * (np.arange(count) + 0.5) / count
    return (low + high) / 2 + (high - low) / 2 * np.cos(angles)


def minimax(x, degree, target, weight, rounds=400):
    """The largest weighted error and the coefficients, lowest power first."""
    powers = np.stack([x**i for i in range(degree + 1)], axis=1)
    lawson = np.ones_like(x)
    best = (np.inf, None)
    for _ in range(rounds):
        w = np.sqrt(lawson) * weight
        coefficients = np.linalg.lstsq(powers * w[:, None], target * w, rcond=None)[0]
        error = np.abs(weight * (powers @ coefficients - target))
        if error.max() < best[0]:
            best = (error.max(), coefficients)
        lawson *= error + 1e-3 * error.max()
        lawson /= lawson.sum()
    return best


def fit_exp2(degree=4):
    f = chebyshev_points(-0.5, 0.5)
    return minimax(f, degree, np.expm1(f * np.log(2)) / f, np.abs(f) / np.exp2(f))


def fit_tail(degree=8):
    u = chebyshev_points(0.0, TAIL_LIMIT)
    root = ndtr(-u) ** (1 / TAIL_POWER)
    return minimax(u, degree, root, TAIL_POWER * np.maximum(u, 0.08) * root ** (TAIL_POWER - 1))


def fma(a, b, c):
    return (a.astype(np.float64) * b.astype(np.float64) + np.float64(c)).astype(np.float32)


def horner(x, coefficients):
    y = np.full_like(x, np.float32(coefficients[-1]))
    for c in coefficients[-2::-1]:
        y = fma(y, x, np.float32(c))
    return y


def gelu(x, coefficients):
    u = np.minimum(np.abs(x), np.float32(TAIL_LIMIT))
    tail = horner(u, coefficients)
    for _ in range(3):
        tail = tail * tail
    positive = np.maximum(x, 0).astype(np.float64)
    return (positive - u.astype(np.float64) * tail.astype(np.float64)).astype(np.float32)


def show(name, coefficients):
    print(f"{name} = {{" + ", ".join(f"{np.float32(c)!s}F" for c in coefficients) + "};")


def main():
    error, coefficients = fit_exp2()
    with_one = np.concatenate([[1.0], coefficients])
    f = np.linspace(-0.5, 0.5, 1000001).astype(np.float32)
    exact = np.exp2(f.astype(np.float64))
    relative = np.abs(horner(f, with_one) - exact) / exact
    show("kExp2", with_one)
    print(f"  fit {error:.1e}, in float32 {relative.max():.1e} (relative)")

    error, coefficients = fit_tail()
    x = np.linspace(-8, 8, 2000001).astype(np.float32)
    exact = x.astype(np.float64) * ndtr(x.astype(np.float64))
    difference = np.abs(gelu(x, coefficients) - exact)
    near = (np.abs(x) < 3) & (x != 0)
    show("kNormalTailRoot", coefficients)
    print(f"  fit {error:.1e}, GELU in float32 {difference.max():.1e} on [-8, 8], "
          f"relative {(difference[near] / np.abs(exact[near])).max():.1e} on (-3, 3)")


if __name__ == "__main__":
    main()
