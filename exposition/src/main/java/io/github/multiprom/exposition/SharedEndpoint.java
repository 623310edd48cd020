package io.github.multiprom.exposition;

import io.github.multiprom.exposition.format.ExpositionFormat;
import io.github.multiprom.exposition.http.Scrapes;
import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.lease.PortLock;
import io.github.multiprom.internal.os.OwnThreads;
import io.github.multiprom.internal.os.StoreLog;
import io.github.multiprom.internal.ownership.StoreFiles;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.model.ForeignSource;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The merged metrics of a directory at a port that many JVMs share: each of them starts this
 * endpoint, one serves, and when it ends, however it ends, another one takes over. Thread-safe.
 *
 * <pre>{@code
 * SharedEndpoint.start(Path.of("/dev/shm/my-app"), "127.0.0.1", 9464);
 * }</pre>
 *
 * <p>With the system property {@code multiprom.port} a worker does it when it is opened.
 *
 * <p>A port that cannot be had is no error: the log says who serves, or why nobody does, and the
 * endpoint tries on. All threads are daemons, so it never keeps a JVM from ending.
 */
public final class SharedEndpoint implements AutoCloseable {
  /* The processes queue for a lock on a file of the directory (PortLock). Who has it binds the
   * port and serves; the kernel gives the lock to the next one when that process is gone. Its port
   * may be free a little later than its lock, so binding is tried again, at first after
   * milliseconds. A port that stays taken belongs to another program, or to workers that cannot see
   * the lock: the process lets others queue, and queues again. Without a lock the port alone
   * decides, and every process tries now and then. A process that is stopped keeps lock and port,
   * and nobody serves until it goes on or is killed. */

  private static final long FIRST_PAUSE_MS = 5;
  private static final long LAST_PAUSE_MS = 250;
  private static final long ROUND_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long TROUBLE_PAUSE_MS = 1_000;

  /** A server ends within a second. */
  private static final long MAX_CLOSE_MS = 2_000;

  /** A JVM that ends sooner is spared the work of a server. */
  private static final long SHORT_LIFE_MS = 1_000;

  /** What is longer takes a while to read first however warm a JVM is, and much heap. */
  private static final long MAX_WARM_BYTES =
      Math.min(16 << 20, Runtime.getRuntime().maxMemory() / 32);

  private static final int MAX_WARM_MS = 10_000;

  /** As Prometheus asks. */
  private static final byte[] SCRAPE =
      """
      GET /metrics HTTP/1.1
      Host: localhost
      Accept: application/openmetrics-text;version=1.0.0
      Accept-Encoding: gzip
      Connection: close

      """
          .replace("\n", "\r\n")
          .getBytes(StandardCharsets.US_ASCII);

  private static final int MAX_PORT = 65_535;

  private final Path directory;
  private final Supplier<DirectoryReader> readers;
  private final String workerLabel;
  private final String host;
  private final int port;
  // Null for plain HTTP that all may use.
  private final Path webConfig;
  private final Thread thread;
  // The thread's alone.
  private boolean isWarm;
  private final Object queue = new Object();
  // Guarded by the queue.
  private boolean isQueuing;
  private final CountDownLatch closed = new CountDownLatch(1);

  private SharedEndpoint(
      Path directory,
      Supplier<DirectoryReader> readers,
      String workerLabel,
      String host,
      int port,
      Path webConfig) {
    this.directory = directory;
    this.readers = readers;
    this.workerLabel = workerLabel;
    this.host = host;
    this.port = port;
    this.webConfig = webConfig;
    thread = OwnThreads.make(this::run, "multiprom-endpoint");
    thread.setDaemon(true);
  }

  /**
   * Starts to serve, or to wait for the turn to serve. Returns at once.
   *
   * @param directory the metrics directory, which need not exist yet
   * @param host a name or address of this host
   * @param port 1 to 65535
   * @throws IllegalArgumentException if the port is out of range
   */
  public static SharedEndpoint start(Path directory, String host, int port) {
    return start(directory, host, port, null);
  }

  /**
   * Starts to serve with TLS, basic authentication or both, or to wait for the turn. Returns at
   * once.
   *
   * @param directory the metrics directory, which need not exist yet
   * @param host a name or address of this host
   * @param port 1 to 65535
   * @param webConfig as of {@link MetricsServer#start(MultiprocessCollector, String, int, Path)}.
   *     While it cannot be read, or is wrong, nothing is served; null for plain HTTP
   * @throws IllegalArgumentException if the port is out of range
   */
  public static SharedEndpoint start(Path directory, String host, int port, Path webConfig) {
    return start(directory, label(), host, port, webConfig);
  }

  /**
   * Starts to serve, or to wait for the turn, what not only workers count. Returns at once.
   *
   * @param directory the metrics directory, which need not exist yet
   * @param host a name or address of this host
   * @param port 1 to 65535
   * @param webConfig as above
   * @param foreign makes what others count there, whenever it is the turn of this process; without
   *     it the system property {@code multiprom.python} says whether Python workers do
   * @throws IllegalArgumentException if the port is out of range
   */
  public static SharedEndpoint start(
      Path directory, String host, int port, Path webConfig, Supplier<ForeignSource> foreign) {
    Path absolute = directory.toAbsolutePath();
    return start(
        absolute,
        () -> new DirectoryReader(absolute, foreign.get()),
        label(),
        host,
        port,
        webConfig);
  }

  static SharedEndpoint start(
      Path directory, String workerLabel, String host, int port, Path webConfig) {
    Path absolute = directory.toAbsolutePath();
    return start(absolute, () -> new DirectoryReader(absolute), workerLabel, host, port, webConfig);
  }

  private static String label() {
    return System.getProperty(
        MultiprocessCollector.WORKER_LABEL_PROPERTY, MultiprocessCollector.DEFAULT_WORKER_LABEL);
  }

  private static SharedEndpoint start(
      Path directory,
      Supplier<DirectoryReader> readers,
      String workerLabel,
      String host,
      int port,
      Path webConfig) {
    if (port < 1 || port > MAX_PORT) {
      throw new IllegalArgumentException("not a port: " + port);
    }
    SharedEndpoint endpoint =
        new SharedEndpoint(
            directory, readers, workerLabel, Objects.requireNonNull(host), port, webConfig);
    try {
      endpoint.thread.start();
    } catch (OutOfMemoryError e) {
      endpoint.noteTrouble(e);
    }
    return endpoint;
  }

  private boolean isClosed() {
    return closed.getCount() == 0;
  }

  private void run() {
    while (!isClosed()) {
      try {
        takeTurn();
      } catch (InterruptedException e) {
        // Nobody knows this thread but close(), which interrupts it while it queues.
      } catch (IOException | RuntimeException | Error e) {
        if (!isClosed()) {
          noteTrouble(e);
          pauseAfterTrouble();
        }
      }
    }
  }

  private void pauseAfterTrouble() {
    try {
      pause(TROUBLE_PAUSE_MS);
    } catch (InterruptedException e) {
      // As above.
    }
  }

  /** Whether there is more to do after a pause. */
  private boolean pause(long millis) throws InterruptedException {
    return !closed.await(millis, TimeUnit.MILLISECONDS);
  }

  private void takeTurn() throws IOException, InterruptedException {
    try (PortLock turn = turn()) {
      try {
        awaitPort();
        if (!isClosed()) {
          serve();
        }
      } catch (BindException e) {
        if (turn == null) {
          // Another worker has it, as a rule.
          StoreLog.noteOnce(key("endpoint-port"), notServed(e));
        } else {
          StoreLog.warnOnce(key("endpoint-port"), notServed(e));
        }
      }
    }
  }

  /** Waits for the turn; null if there are no turns, and the port alone decides. */
  private PortLock turn() throws InterruptedException {
    try {
      PortLock free = PortLock.tryTake(directory, port);
      if (free != null) {
        return free;
      }
      StoreLog.noteOnce(
          key("endpoint-waits"),
          what()
              + " are served at "
              + address()
              + " by another worker; this process takes over when that one ends");
      if (!isWarm && pause(SHORT_LIFE_MS)) {
        isWarm = true;
        warmUp();
      }
      return queueUp();
    } catch (IOException e) {
      return null;
    }
  }

  private PortLock queueUp() throws IOException {
    synchronized (queue) {
      if (isClosed()) {
        return null;
      }
      isQueuing = true;
    }
    try {
      return PortLock.await(directory, port);
    } finally {
      synchronized (queue) {
        isQueuing = false;
        // It has done its work, and would cut short what is waited for from here on.
        Thread.interrupted();
      }
    }
  }

  /**
   * Answers a scrape, at a port of this host that no client knows. Otherwise the first scrape after
   * a change of turns would take a cold JVM many times as long.
   */
  private void warmUp() {
    try (MultiprocessCollector collector = collector()) {
      if (length() > MAX_WARM_BYTES) {
        return;
      }
      if (webConfig != null) {
        // Not at a port without the password.
        new Scrapes(collector, length -> {}).all(ExpositionFormat.OPENMETRICS).gzip();
        return;
      }
      try (MetricsServer server = MetricsServer.start(collector, MetricsServer.DEFAULT_HOST, 0);
          Socket client = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
        client.setSoTimeout(MAX_WARM_MS);
        client.getOutputStream().write(SCRAPE);
        client.getInputStream().readAllBytes();
      }
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      // If it matters, the turn itself will fail as well, and tell.
    }
  }

  /** The length of all files. */
  private long length() throws IOException {
    long length = 0;
    for (String name : StoreFiles.names(directory)) {
      length += directory.resolve(name).toFile().length();
    }
    return length;
  }

  private MultiprocessCollector collector() {
    return new MultiprocessCollector(readers.get(), workerLabel);
  }

  /**
   * Waits until the port is free, for one round.
   *
   * @throws BindException if it cannot be had
   */
  private void awaitPort() throws IOException, InterruptedException {
    long start = System.nanoTime();
    long millis = FIRST_PAUSE_MS;
    while (true) {
      try {
        FreePort.check(host, port);
        return;
      } catch (BindException e) {
        if (System.nanoTime() - start > ROUND_NANOS) {
          throw e;
        }
      }
      if (!pause(millis)) {
        return;
      }
      millis = Math.min(2 * millis, LAST_PAUSE_MS);
    }
  }

  private void serve() throws IOException, InterruptedException {
    try (MultiprocessCollector collector = collector();
        MetricsServer server = MetricsServer.start(collector, host, port, webConfig)) {
      StoreLog.noteOnce(
          key("endpoint-serves"), what() + " are served at " + server.url() + " by this process");
      closed.await();
    }
  }

  private String what() {
    return "The metrics of all workers in " + directory;
  }

  private String address() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  private String key(String kind) {
    return kind + " " + address() + " " + directory;
  }

  private String notServed(Throwable why) {
    return what()
        + " are not served at "
        + address()
        + " by this process, which tries again: "
        + why;
  }

  private void noteTrouble(Throwable why) {
    StoreLog.warnOnce(key("endpoint-trouble") + why, notServed(why));
  }

  /** Tells what is served where. */
  @Override
  public String toString() {
    return "shared endpoint of " + directory + " at " + host + ":" + port;
  }

  /**
   * Stops serving, or waiting. Another process takes over. Waits until the port is free, for two
   * seconds at most.
   */
  @Override
  public void close() {
    closed.countDown();
    // A thread that serves is not interrupted: it waits for scrapes under way, and for its port.
    synchronized (queue) {
      if (isQueuing) {
        thread.interrupt();
      }
    }
    try {
      thread.join(MAX_CLOSE_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
