package io.github.multiprom.examples;

import java.io.IOException;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * One client of the shop: a thread that sends one request after the other and counts the answers by
 * the worker that gave them.
 *
 * <p>It opens a new connection every now and then: the kernel chooses a worker for a connection,
 * not for a request.
 */
final class LoadClient {
  /** Mostly quick pages, some work, some that do not exist. */
  private static final String[] PATHS = {
    "/", "/", "/", "/basket", "/basket", "/search", "/nowhere"
  };

  private static final int REQUESTS_PER_CONNECTION = 50;
  private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

  private final String host;
  private final int port;
  private final SplittableRandom random;
  private final Thread thread;
  private final Map<Long, AtomicLong> answeredByWorker = new ConcurrentHashMap<>();
  private final AtomicLong unanswered = new AtomicLong();

  private volatile boolean running = true;
  private volatile boolean mayConnect = true;
  private volatile long leftWorker;

  /** Held while a request is on its way. */
  private final Object turn = new Object();

  /** Null while there is none. */
  private HttpConnection connection;

  private long connectedWorker;
  private int requestsLeft;

  LoadClient(String host, int port, int number) {
    this.host = host;
    this.port = port;
    this.random = new SplittableRandom(number);
    this.thread = new Thread(this::sendRequests, "client " + number);
    this.thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /**
   * Sends this worker nothing any more, and opens no connection, which could lead to it, until
   * {@link #connectAgain}. On return no request to it is without an answer. Requests to other
   * workers go on.
   */
  void leave(long worker) {
    leftWorker = worker;
    mayConnect = false;
    synchronized (turn) {
      // Whoever takes a turn from here on has seen both.
    }
  }

  void connectAgain() {
    mayConnect = true;
  }

  /** Answers so far, by the pid of the worker. */
  Map<Long, AtomicLong> answeredByWorker() {
    return answeredByWorker;
  }

  /** How many requests failed: the worker may have counted them or not. */
  long unanswered() {
    return unanswered.get();
  }

  /** Waits for the last answer. */
  void stop() throws InterruptedException {
    running = false;
    thread.join();
  }

  private void sendRequests() {
    while (running) {
      synchronized (turn) {
        takeTurn();
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    disconnect();
  }

  private void takeTurn() {
    boolean left = connectedWorker == leftWorker;
    if (left || (requestsLeft == 0 && mayConnect)) {
      disconnect();
    }
    if (connection == null && !mayConnect) {
      return;
    }
    try {
      if (connection == null) {
        connection = new HttpConnection(host, port);
        requestsLeft = REQUESTS_PER_CONNECTION;
      }
      var answer = connection.get(PATHS[random.nextInt(PATHS.length)]);
      requestsLeft = Math.max(0, requestsLeft - 1);
      connectedWorker = answer.worker();
      answeredByWorker.computeIfAbsent(connectedWorker, pid -> new AtomicLong()).incrementAndGet();
    } catch (IOException e) {
      unanswered.incrementAndGet();
      disconnect();
    }
  }

  private void disconnect() {
    if (connection != null) {
      connection.close();
      connection = null;
      connectedWorker = 0;
    }
  }
}
