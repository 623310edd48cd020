package io.github.multiprom.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/**
 * Keeps one worker running: starts it, waits for its end, starts the next. Thread-safe; has a
 * thread of its own.
 *
 * <p>The worker says {@link PreforkWorker#READY} on its standard output. Its standard input is a
 * pipe that this process never writes to: the worker reads the end of it when the launcher ends, in
 * whatever way.
 */
final class WorkerPlace {
  private static final long AT_ONCE_MS = 2_000;
  private static final long FIRST_PAUSE_MS = 250;
  private static final long LONGEST_PAUSE_MS = 10_000;
  private static final long STOP_TIMEOUT_SECONDS = 10;
  private static final int SIGNAL_EXIT_CODE = 128;

  private final String name;
  private final List<String> command;
  private final Consumer<String> events;
  private final CountDownLatch firstReady = new CountDownLatch(1);
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final Thread thread;

  private Process process;
  private volatile long readyPid;

  /** Starts the first worker; {@code events} gets one line per event, from any thread. */
  WorkerPlace(int number, List<String> command, Consumer<String> events) {
    this.name = "worker " + number;
    this.command = List.copyOf(command);
    this.events = events;
    this.thread = new Thread(this::keepRunning, name);
    this.thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Pid of the worker that serves now; 0 while there is none. */
  long readyPid() {
    return readyPid;
  }

  /** Waits until the place's first worker serves; false when it does not in time. */
  boolean awaitFirstReady(long timeoutMs) throws InterruptedException {
    return firstReady.await(timeoutMs, MILLISECONDS);
  }

  /** Asks the worker to end and starts no other. Does not wait. */
  void requestStop() {
    synchronized (this) {
      stopping.countDown();
      if (process != null) {
        // Process.destroy() would also close the pipe with what the worker still says.
        process.toHandle().destroy();
      }
    }
  }

  /** Waits for the worker's end after {@link #requestStop}; kills it when that takes too long. */
  void awaitStopped() throws InterruptedException {
    thread.join(SECONDS.toMillis(STOP_TIMEOUT_SECONDS));
    synchronized (this) {
      if (process != null) {
        process.destroyForcibly();
      }
    }
    thread.join();
  }

  private void keepRunning() {
    long pauseMs = 0;
    try {
      while (!stopping.await(pauseMs, MILLISECONDS)) {
        long startNanos = System.nanoTime();
        runOnce();
        boolean diedAtOnce = NANOSECONDS.toMillis(System.nanoTime() - startNanos) < AT_ONCE_MS;
        pauseMs = diedAtOnce ? longer(pauseMs) : 0;
        if (pauseMs > 0 && stopping.getCount() > 0) {
          events.accept(name + " ended at once, next start in " + pauseMs + " ms");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static long longer(long pauseMs) {
    return Math.min(LONGEST_PAUSE_MS, Math.max(FIRST_PAUSE_MS, 2 * pauseMs));
  }

  private void runOnce() throws InterruptedException {
    Process worker;
    try {
      worker = startUnlessStopping();
    } catch (IOException e) {
      events.accept(name + " cannot be started: " + e.getMessage());
      return;
    }
    if (worker == null) {
      return;
    }
    events.accept(name + " started, pid " + worker.pid());
    passOn(worker);
    int exitCode = worker.waitFor();
    readyPid = 0;
    String end = stopping.getCount() == 0 ? "stopped" : describe(exitCode);
    events.accept(name + " ended, pid " + worker.pid() + ", " + end);
  }

  /**
   * Null when a stop was requested: that check and the start are one step, so none is forgotten.
   */
  private synchronized Process startUnlessStopping() throws IOException {
    if (stopping.getCount() == 0) {
      return null;
    }
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    return process;
  }

  /** Reads the worker's output to its end, which is the worker's end. */
  private void passOn(Process worker) {
    try (var lines = new BufferedReader(new InputStreamReader(worker.getInputStream(), UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.equals(PreforkWorker.READY)) {
          readyPid = worker.pid();
          firstReady.countDown();
          events.accept(name + " serves, pid " + worker.pid());
        } else {
          events.accept(name + ": " + line);
        }
      }
    } catch (IOException e) {
      events.accept(name + ": cannot read its output: " + e.getMessage());
    }
  }

  private static String describe(int exitCode) {
    return exitCode > SIGNAL_EXIT_CODE
        ? "killed by signal " + (exitCode - SIGNAL_EXIT_CODE)
        : "exit code " + exitCode;
  }
}
