package io.github.multiprom.exposition;

import io.github.multiprom.store.StoreLog;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The threads of an HTTP server: a bounded number, none of which a slow client keeps from others.
 * Thread-safe.
 */
final class RequestThreads implements Executor, AutoCloseable {
  /* The JDK's server gives a request a thread from its first byte to the last byte of the answer,
   * and blocks in it while the client is slow. So when every thread is taken and a request waits,
   * those that have waited longest for their clients are interrupted, which closes the connections.
   * A thread that merges is never interrupted. While there are threads left, slow clients have the
   * time limits of the JDK's server. */

  static final int MAX_THREADS = 64;

  private static final int QUEUE_LENGTH = 128;
  private static final long LOOK_INTERVAL_MS = 100;

  /** How long a client may take while others wait: to send a request, and to take the answer. */
  private static final long RECEIVING_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final long SENDING_NANOS = TimeUnit.SECONDS.toNanos(3);

  private enum Phase {
    RECEIVING,
    WORKING,
    SENDING,
    ENDED
  }

  private static final ThreadLocal<Request> CURRENT = new ThreadLocal<>();

  private final ThreadPoolExecutor pool;
  private final Executor later =
      CompletableFuture.delayedExecutor(LOOK_INTERVAL_MS, TimeUnit.MILLISECONDS, Runnable::run);
  private final AtomicBoolean watching = new AtomicBoolean();
  private final Set<Request> running = ConcurrentHashMap.newKeySet();

  /** One request in its thread. */
  private final class Request implements Runnable {
    private final Runnable task;
    private Thread thread;
    private Phase phase = Phase.RECEIVING;
    private boolean givenUp;
    private volatile long sinceNanos;

    Request(Runnable task) {
      this.task = task;
    }

    @Override
    public void run() {
      thread = Thread.currentThread();
      sinceNanos = System.nanoTime();
      CURRENT.set(this);
      running.add(this);
      try {
        task.run();
      } finally {
        CURRENT.remove();
        enter(Phase.ENDED);
        synchronized (running) {
          running.remove(this);
          running.notifyAll();
        }
      }
    }

    /** Whether the client still has its thread, which stays uninterrupted from now on if so. */
    synchronized boolean enter(Phase next) {
      phase = next;
      sinceNanos = System.nanoTime();
      return !givenUp;
    }

    /** Whether its thread will soon be free. */
    synchronized boolean giveUpIfSlow(long nanos) {
      long limit = phase == Phase.SENDING ? SENDING_NANOS : RECEIVING_NANOS;
      boolean waits = phase == Phase.RECEIVING || phase == Phase.SENDING;
      if (waits && !givenUp && nanos - sinceNanos > limit) {
        givenUp = true;
        thread.interrupt();
      }
      return givenUp;
    }
  }

  RequestThreads() {
    pool =
        new ThreadPoolExecutor(
            MAX_THREADS,
            MAX_THREADS,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(QUEUE_LENGTH),
            task -> {
              Thread thread = new Thread(task, "multiprom-http");
              thread.setDaemon(true);
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
  }

  /**
   * Runs a request, when a thread is free for it.
   *
   * @throws java.util.concurrent.RejectedExecutionException if too many wait
   */
  @Override
  public void execute(Runnable task) {
    pool.execute(new Request(task));
    if (!pool.getQueue().isEmpty()) {
      watch();
    }
  }

  private void watch() {
    if (watching.compareAndSet(false, true)) {
      later.execute(this::look);
    }
  }

  private void look() {
    // First, so that a request that comes meanwhile is not overlooked.
    watching.set(false);
    int waiting = pool.getQueue().size();
    if (waiting == 0) {
      return;
    }
    long now = System.nanoTime();
    record Candidate(Request request, long sinceNanos) {}
    List<Candidate> oldestFirst =
        running.stream()
            .map(request -> new Candidate(request, request.sinceNanos - now))
            .sorted(Comparator.comparingLong(Candidate::sinceNanos))
            .toList();
    for (Candidate candidate : oldestFirst) {
      if (waiting > 0 && candidate.request.giveUpIfSlow(now)) {
        waiting--;
        StoreLog.warnOnce(
            "slow HTTP clients",
            "Slow clients had taken every thread of the metrics server; the slowest were dropped.");
      }
    }
    watch();
  }

  /**
   * Says that this thread's request has arrived.
   *
   * @throws IOException if its client was given up
   */
  void received() throws IOException {
    enter(Phase.WORKING);
  }

  /**
   * Says that this thread's answer is ready.
   *
   * @throws IOException if its client was given up
   */
  void sending() throws IOException {
    enter(Phase.SENDING);
  }

  private void enter(Phase phase) throws IOException {
    if (!CURRENT.get().enter(phase)) {
      // What follows closes the connection, and must not be hit by it.
      Thread.interrupted();
      throw new IOException("the client was too slow");
    }
  }

  /** The threads that there are, for requests at any stage. */
  int count() {
    return pool.getPoolSize();
  }

  /** Waits until no request is under way, or the time is over, or the thread is interrupted. */
  void awaitIdle(long timeoutMs) {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    synchronized (running) {
      long left = end - System.nanoTime();
      while (!running.isEmpty() && left > 0) {
        try {
          TimeUnit.NANOSECONDS.timedWait(running, left);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
        left = end - System.nanoTime();
      }
    }
  }

  @Override
  public void close() {
    pool.shutdownNow();
  }
}
