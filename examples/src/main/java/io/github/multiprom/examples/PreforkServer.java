package io.github.multiprom.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * The launcher of a pre-fork server: worker JVMs that share one port and one metrics directory.
 * Thread-safe.
 *
 * <p>A worker that ends is replaced. When the launcher ends, its workers end: at SIGTERM and SIGINT
 * because it stops them, at SIGKILL because each of them watches for it.
 */
public final class PreforkServer implements AutoCloseable {
  static final long START_TIMEOUT_MS = 60_000;

  private static final Path MEMORY_FILE_SYSTEM = Path.of("/dev/shm");

  /** Several JVMs on one machine: a small heap each, and no collector or compiler threads. */
  private static final List<String> JVM_OPTIONS =
      List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  private final SharedPort port;
  private final String host;
  // 0 for none.
  private final int metricsPort;
  private final Path directory;
  private final boolean directoryIsOurs;
  private final List<WorkerPlace> places = new ArrayList<>();
  private boolean closed;

  private PreforkServer(PreforkOptions options, SharedPort port, Consumer<String> events)
      throws IOException {
    this.port = port;
    this.host = options.host();
    this.metricsPort = options.metricsPort();
    this.directoryIsOurs = options.directory() == null;
    this.directory = directoryIsOurs ? freshDirectory() : options.directory();
    for (int i = 1; i <= options.workers(); i++) {
      places.add(new WorkerPlace(i, workerCommand(), events));
    }
  }

  /**
   * Runs the launcher until SIGTERM or SIGINT. Ends with exit code 2 for bad arguments and 1 if the
   * port cannot be used or the workers do not start.
   *
   * @param args {@code --workers N}, {@code --host H}, {@code --port P}, {@code --metrics-port P},
   *     {@code --dir D}
   * @throws InterruptedException never in practice: nobody interrupts the main thread
   */
  public static void main(String[] args) throws InterruptedException {
    PreforkOptions options = null;
    try {
      options = PreforkOptions.parse(args);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.err.println(PreforkOptions.USAGE);
      System.exit(2);
    }
    try {
      PreforkServer server = start(options, System.out::println);
      closeAtExit(server);
      if (!server.awaitReady(START_TIMEOUT_MS)) {
        System.err.println("not all workers serve after " + START_TIMEOUT_MS + " ms");
        System.exit(1);
      }
      System.out.println("listening on " + server.url());
      Thread.currentThread().join();
    } catch (IOException e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
  }

  /**
   * Reserves the port and starts the workers, without waiting until they serve.
   *
   * @param events gets one line per event, from several threads
   */
  static PreforkServer start(PreforkOptions options, Consumer<String> events) throws IOException {
    SharedPort port = SharedPort.reserve(options.host(), options.port());
    try {
      var server = new PreforkServer(options, port, events);
      events.accept(
          options.workers()
              + " workers, port "
              + port.number()
              + ", metrics in "
              + server.directory);
      server.places.forEach(WorkerPlace::start);
      return server;
    } catch (IOException e) {
      port.close();
      throw e;
    }
  }

  static void closeAtExit(PreforkServer server) {
    Runtime.getRuntime().addShutdownHook(new Thread(server::close, "stop workers"));
  }

  /** Waits until each place has had a worker that serves; false when that takes too long. */
  boolean awaitReady(long timeoutMs) throws InterruptedException {
    long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    for (WorkerPlace place : places) {
      long leftMs = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
      if (!place.awaitFirstReady(leftMs)) {
        return false;
      }
    }
    return true;
  }

  /** Pids of the workers that serve now. */
  LongStream pids() {
    return places.stream().mapToLong(WorkerPlace::readyPid).filter(pid -> pid != 0);
  }

  /** Where the server is reached, with a slash at the end. */
  String url() {
    return "http://" + host + ":" + port.number() + "/";
  }

  int port() {
    return port.number();
  }

  /** Stops all workers, waits for their end and removes the directory if it was made here. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      places.forEach(WorkerPlace::requestStop);
      for (WorkerPlace place : places) {
        place.awaitStopped();
      }
      port.close();
      if (directoryIsOurs) {
        delete(directory);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> workerCommand() {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JVM_OPTIONS);
    command.add("-Dmultiprom.dir=" + directory);
    if (metricsPort != 0) {
      // The same for all: one serves, and when it ends, another one.
      command.add("-Dmultiprom.host=" + host);
      command.add("-Dmultiprom.port=" + metricsPort);
    }
    command.add("-classpath");
    command.add(System.getProperty("java.class.path"));
    command.add(PreforkWorker.class.getName());
    command.add(host);
    command.add(Integer.toString(port.number()));
    return command;
  }

  /** In memory where there is such a file system: a write to a disk can make a request wait. */
  static Path freshDirectory() throws IOException {
    return Files.isDirectory(MEMORY_FILE_SYSTEM) && Files.isWritable(MEMORY_FILE_SYSTEM)
        ? Files.createTempDirectory(MEMORY_FILE_SYSTEM, "multiprom-")
        : Files.createTempDirectory("multiprom-");
  }

  static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
