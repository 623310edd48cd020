package io.github.multiprom.exposition.http;

import io.github.multiprom.exposition.format.ExpositionBytes;
import io.github.multiprom.internal.os.OwnThreads;
import io.github.multiprom.internal.os.StoreLog;
import java.io.IOException;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;

/**
 * The threads of an HTTP server: a bounded number, none of which a slow client keeps from others.
 * Thread-safe.
 */
public final class RequestThreads implements Executor, AutoCloseable {
  /* The JDK's server gives a request a thread from its first byte to the last byte of the answer,
   * and blocks in it while the client is slow. So a thread that has waited too long for its client
   * is interrupted, which closes the connection; much sooner when every thread is taken and a
   * request waits, and then those that have waited longest. A thread that merges is never
   * interrupted. The time limits of the JDK's server itself are properties of the whole JVM, so
   * they would be those of the application's servers too.
   *
   * An answer stays in the heap until its last client has taken it. Clients whose requests met in
   * one merge share one; clients that come one after another each have another. So before a merge
   * the answers that are being sent must leave room for its own, and slow clients are given up
   * until they do. */

  public static final int MAX_THREADS = 64;

  private static final int QUEUE_LENGTH = 128;
  private static final long LOOK_INTERVAL_MS = 100;

  /** What answers may take of the heap: those that are being sent, and the next one. */
  private static final long MAX_ANSWER_BYTES = Runtime.getRuntime().maxMemory() / 8;

  private static final long MAX_ROOM_WAIT_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** How long a client may take: to send a request, and to take the answer. */
  record Limits(long receivingNanos, long sendingNanos) {
    static Limits ofSeconds(long receiving, long sending) {
      return new Limits(TimeUnit.SECONDS.toNanos(receiving), TimeUnit.SECONDS.toNanos(sending));
    }
  }

  private static final Limits ALWAYS = Limits.ofSeconds(10, 30);
  private static final Limits WHILE_OTHERS_WAIT = Limits.ofSeconds(1, 3);

  private enum Phase {
    QUEUED,
    RECEIVING,
    WORKING,
    SENDING,
    ENDED
  }

  private static final ThreadLocal<Request> CURRENT = new ThreadLocal<>();

  private final Limits always;
  private final ThreadPoolExecutor pool;
  private final ScheduledThreadPoolExecutor clock =
      new ScheduledThreadPoolExecutor(1, task -> daemon(task, "multiprom-http-limits"));
  private final AtomicBoolean watching = new AtomicBoolean();
  private final Set<Request> requests = ConcurrentHashMap.newKeySet();

  /** One request, in its thread from some time on. */
  private final class Request implements Runnable {
    private final Runnable task;
    private Thread thread;
    private Phase phase = Phase.QUEUED;
    private boolean givenUp;
    private volatile long sinceNanos;
    // What it sends; null before and after.
    private volatile ExpositionBytes answer;

    Request(Runnable task) {
      this.task = task;
    }

    @Override
    public void run() {
      thread = Thread.currentThread();
      CURRENT.set(this);
      enter(Phase.RECEIVING);
      try {
        task.run();
      } finally {
        CURRENT.remove();
        answer = null;
        enter(Phase.ENDED);
        forget(this);
      }
    }

    /** Whether the client still has its thread, which stays uninterrupted from now on if so. */
    synchronized boolean enter(Phase next) {
      phase = next;
      sinceNanos = System.nanoTime();
      return !givenUp;
    }

    /** Whether its thread will soon be free. */
    synchronized boolean giveUpIfSlow(Limits limits, long nanos) {
      long limit = phase == Phase.SENDING ? limits.sendingNanos : limits.receivingNanos;
      boolean waits = phase == Phase.RECEIVING || phase == Phase.SENDING;
      if (waits && !givenUp && nanos - sinceNanos > limit) {
        givenUp = true;
        thread.interrupt();
      }
      return givenUp;
    }
  }

  public RequestThreads() {
    this(ALWAYS);
  }

  /**
   * Threads with other limits.
   *
   * @param always what a client has while nobody waits
   */
  public RequestThreads(Limits always) {
    this.always = always;
    pool =
        new ThreadPoolExecutor(
            MAX_THREADS,
            MAX_THREADS,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(QUEUE_LENGTH),
            task -> daemon(task, "multiprom-http"));
    pool.allowCoreThreadTimeOut(true);
  }

  /** A server may outlive the application in whose thread it was started. */
  private static Thread daemon(Runnable task, String name) {
    Thread thread = OwnThreads.make(task, name);
    thread.setDaemon(true);
    return thread;
  }

  /**
   * Runs a request, when a thread is free for it.
   *
   * @throws RejectedExecutionException if too many wait
   */
  @Override
  public void execute(Runnable task) {
    Request request = new Request(task);
    // Before it can run: who looks after it sees it from the beginning.
    requests.add(request);
    try {
      pool.execute(request);
    } catch (RejectedExecutionException e) {
      forget(request);
      throw e;
    }
    watch();
  }

  private void forget(Request request) {
    synchronized (requests) {
      requests.remove(request);
      requests.notifyAll();
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // What looks throws nothing.
  private void watch() {
    if (watching.compareAndSet(false, true)) {
      clock.schedule(this::look, LOOK_INTERVAL_MS, TimeUnit.MILLISECONDS);
    }
  }

  private void look() {
    // First, so that a request that comes meanwhile is not overlooked.
    watching.set(false);
    if (requests.isEmpty() || pool.isShutdown()) {
      return;
    }
    long now = System.nanoTime();
    requests.forEach(request -> request.giveUpIfSlow(always, now));
    int waiting = pool.getQueue().size();
    if (waiting > 0 && dropSlowest(waiting, request -> true, now)) {
      StoreLog.warnOnce(
          "slow HTTP clients",
          "Slow clients had taken every thread of the metrics server; the slowest were dropped.");
    }
    watch();
  }

  /** Gives up to so many clients up, and says whether there were any. */
  private boolean dropSlowest(int count, Predicate<Request> which, long now) {
    record Candidate(Request request, long sinceNanos) {}
    List<Candidate> oldestFirst =
        requests.stream()
            .filter(which)
            .map(request -> new Candidate(request, request.sinceNanos - now))
            .sorted(Comparator.comparingLong(Candidate::sinceNanos))
            .toList();
    int left = count;
    for (Candidate candidate : oldestFirst) {
      if (left > 0 && candidate.request.giveUpIfSlow(WHILE_OTHERS_WAIT, now)) {
        left--;
      }
    }
    return left < count;
  }

  /**
   * Says that this thread's request has arrived.
   *
   * @throws IOException if its client was given up
   */
  public void received() throws IOException {
    enter(Phase.WORKING);
  }

  /**
   * Says that this thread's answer is ready.
   *
   * @throws IOException if its client was given up
   */
  public void sending(ExpositionBytes answer) throws IOException {
    CURRENT.get().answer = answer;
    enter(Phase.SENDING);
  }

  /**
   * Waits until another answer has room in the heap, which slow clients have to make. An answer
   * that is the only one is always let through.
   *
   * @param length the answer's length in bytes, as far as it is known
   */
  public void awaitRoom(long length) {
    long end = System.nanoTime() + MAX_ROOM_WAIT_NANOS;
    synchronized (requests) {
      long now = System.nanoTime();
      while (!isRoomFor(length) && now - end < 0) {
        if (dropSlowest(1, request -> request.answer != null, now)) {
          StoreLog.warnOnce(
              "slow HTTP clients in memory",
              "Answers that slow clients of the metrics server do not take fill the heap; the"
                  + " slowest were dropped.");
        }
        try {
          TimeUnit.MILLISECONDS.timedWait(requests, LOOK_INTERVAL_MS);
        } catch (InterruptedException e) {
          // Only the end of the server interrupts a request at work.
          Thread.currentThread().interrupt();
          return;
        }
        now = System.nanoTime();
      }
    }
  }

  private boolean isRoomFor(long length) {
    Set<ExpositionBytes> answers = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Request request : requests) {
      ExpositionBytes answer = request.answer;
      if (answer != null) {
        answers.add(answer);
      }
    }
    long sent = answers.stream().mapToLong(ExpositionBytes::length).sum();
    return sent == 0 || sent + length <= MAX_ANSWER_BYTES;
  }

  private void enter(Phase phase) throws IOException {
    if (!CURRENT.get().enter(phase)) {
      // What follows closes the connection, and must not be hit by it.
      Thread.interrupted();
      throw new IOException("the client was too slow");
    }
  }

  /** The threads that there are, for requests at any stage. */
  public int count() {
    return pool.getPoolSize();
  }

  /** Waits until no request is under way, or the time is over, or the thread is interrupted. */
  public void awaitIdle(long timeoutMs) {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    synchronized (requests) {
      long left = end - System.nanoTime();
      while (!requests.isEmpty() && left > 0) {
        try {
          TimeUnit.NANOSECONDS.timedWait(requests, left);
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
    clock.shutdownNow();
    pool.shutdownNow();
  }
}
