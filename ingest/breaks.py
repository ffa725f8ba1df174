"""Where to cut a run of units so that the pieces fit, are of similar length and end where a pause is."""

from collections.abc import Sequence

_TOO_MANY = 0.05  # the price of a piece more, so that pieces are no smaller than they need to be


def cut_points(sizes: Sequence[int], break_costs: Sequence[float], limit: int) -> list[int]:
    """Indices before which to cut, none when all fits into `limit`.

    `break_costs[i]` is the price of a cut right after unit i. Minimises the sum of those prices and of the squared
    relative differences from an even length, by dynamic programming over the units. A unit above `limit` stays alone.
    """
    total = sum(sizes)
    if total <= limit:
        return []
    target = total / -(-total // limit)
    best = [0.0] + [float("inf")] * len(sizes)
    came_from = [0] * (len(sizes) + 1)
    for end in range(1, len(sizes) + 1):
        after = break_costs[end - 1] if end < len(sizes) else 0.0
        size = 0
        for start in range(end - 1, -1, -1):
            size += sizes[start]
            if size > limit and start < end - 1:
                break
            cost = best[start] + ((size - target) / target) ** 2 + after + _TOO_MANY
            if cost < best[end]:
                best[end], came_from[end] = cost, start
    cuts = []
    position = came_from[len(sizes)]
    while position > 0:
        cuts.append(position)
        position = came_from[position]
    return cuts[::-1]
