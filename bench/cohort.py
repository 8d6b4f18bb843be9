"""The same as cohort.pl in Python; with "counts" in front of the file, the
cohorts and how many events each has."""
import collections
import sys
from hashlib import sha256


def rows(read):
    names = next(read).rstrip(b"\n").split(b"\t")
    yield b"\t".join(names + [b"experiment", b"cohort"])
    url = names.index(b"url")
    for line in read:
        line = line[:-1]
        key = line.split(b"\t", url + 1)[url]
        first = sha256(b"bench\0" + key).digest()[0]
        yield line + (b"\tbench\tcontrol" if first < 128 else b"\tbench\ttreatment")


def main():
    out = rows(open(sys.argv[-1], "rb"))
    if sys.argv[1] == "counts":
        next(out)
        counts = collections.Counter(row.rsplit(b"\t", 1)[1].decode() for row in out)
        print("\n".join(f"{name}\t{n}" for name, n in counts.items()))
        return
    write = sys.stdout.buffer.write
    for row in out:
        write(row + b"\n")


main()
