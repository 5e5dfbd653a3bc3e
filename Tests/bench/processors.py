"""What the machine's processors are worth together: two threads of one core, as a virtual machine often has, are not two cores."""

import os
import subprocess
import sys

COUNT = """
import sys, time
end = time.monotonic() + float(sys.argv[1])
done = 0
while time.monotonic() < end:
    values = {number: str(number) for number in range(500)}
    done += len(sorted(values.values()))
print(done)
"""


def work(processes, seconds):
    """How much so many processes get done at once."""
    running = [
        subprocess.Popen([sys.executable, "-c", COUNT, str(seconds)], stdout=subprocess.PIPE, text=True)
        for _ in range(processes)
    ]  # fmt: skip
    return sum(int(process.communicate()[0]) for process in running)


def together(seconds=0.5, turns=3):
    """What all processors get done, against one of them with the others idle; the median of some turns."""
    ratios = [work(os.cpu_count(), seconds) / work(1, seconds) for _ in range(turns)]
    return sorted(ratios)[turns // 2]
