"""A pre-fork server in the manner of gunicorn: a master that forks workers, which count.

Each worker does its jobs when a file round-1, round-2 appears, and stays until it is killed. It has
the same metrics as the Java class FleetWorker.

    PROMETHEUS_MULTIPROC_DIR=/dev/shm/app python3 server.py FOLDER NUMBER...
"""
import os
import pathlib
import sys
import time

from prometheus_client import Counter, Gauge, Histogram

JOBS = Counter('fleet_jobs', 'Jobs done.')
SECONDS = Histogram('fleet_job_seconds', 'Time of a job.', buckets=(0.1, 1, 10))
IN_FLIGHT = Gauge('fleet_in_flight', 'Jobs being done.', multiprocess_mode='livesum')

JOBS_PER_ROUND = 100
ROUNDS = 2


def await_file(path):
    while not path.exists():
        time.sleep(0.05)


def work(number, folder):
    IN_FLIGHT.set(number)
    os.write(1, f'worker {number} {os.getpid()}\n'.encode())
    for round_number in range(1, ROUNDS + 1):
        await_file(folder / f'round-{round_number}')
        for _ in range(JOBS_PER_ROUND * number):
            JOBS.inc()
            SECONDS.observe(number * 0.05)
    await_file(folder / 'end')


def main():
    folder = pathlib.Path(sys.argv[1])
    for number in sys.argv[2:]:
        if os.fork() == 0:
            work(int(number), folder)
            return
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return


if __name__ == '__main__':
    main()
