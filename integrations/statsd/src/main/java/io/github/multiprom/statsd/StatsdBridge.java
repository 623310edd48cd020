package io.github.multiprom.statsd;

import io.github.multiprom.internal.os.OwnThreads;
import io.github.multiprom.internal.os.StoreLog;
import io.github.multiprom.metrics.Worker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Counts what statsd and DogStatsD clients send, in a metrics directory. Thread-safe.
 *
 * <pre>{@code
 * Worker worker = Worker.builder().directory(directory).name("statsd").open();
 * StatsdBridge bridge =
 *     StatsdBridge.builder(worker)
 *         .listenUdp(new InetSocketAddress("127.0.0.1", 8125))
 *         .start();
 * }</pre>
 *
 * <p>A counter is a counter, a gauge shows the value that was set last, and {@code ms} (in
 * seconds), {@code h} and {@code d} are histograms, or what a mapping file says. What was counted
 * is in the worker's file: it outlives the bridge.
 *
 * <p>An address, and a gauge that is updated relatively, are for one bridge. The worker should have
 * no families of an application: a name whose last series expires is removed.
 *
 * <p>All threads are daemons: it never keeps a JVM from ending.
 */
public final class StatsdBridge implements AutoCloseable {
  /** The port of statsd. */
  public static final int DEFAULT_PORT = 8125;

  private static final long CHORES_PAUSE_MS = 1_000;

  private final List<Listener> listeners;
  private final BridgeMetrics metrics;
  private final DatagramReader reader;
  // Null without a mapping.
  private final MappingFile mappingFile;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread chores;

  private StatsdBridge(Builder builder) throws IOException {
    mappingFile = builder.mapping == null ? null : new MappingFile(builder.mapping);
    Mapping mapping = mappingFile == null ? Mapping.NONE : mappingFile.readIfChanged();
    SeriesTable table = new SeriesTable(builder.worker, builder.maxSeries);
    metrics = new BridgeMetrics(builder.worker);
    reader = new DatagramReader(table, mapping, metrics);
    listeners = builder.open(reader, metrics);
    chores = OwnThreads.make(this::doChores, "multiprom-statsd chores");
    chores.setDaemon(true);
    listeners.forEach(Listener::start);
    chores.start();
  }

  /**
   * A builder of a bridge that counts in a worker.
   *
   * @throws IllegalArgumentException if the worker has no directory
   */
  public static Builder builder(Worker worker) {
    return new Builder(worker);
  }

  /** Says what a bridge listens to. One thread. */
  public static final class Builder {
    private static final int DEFAULT_MAX_SERIES = 100_000;

    private final Worker worker;
    private final List<DatagramChannel> channels = new ArrayList<>();
    private final List<InetSocketAddress> addresses = new ArrayList<>();
    private final List<Path> paths = new ArrayList<>();
    private Path mapping;
    private int maxSeries = DEFAULT_MAX_SERIES;
    // 0 for what the kernel gives.
    private int readBuffer;

    private Builder(Worker worker) {
      this.worker = Objects.requireNonNull(worker);
    }

    /**
     * Adds a UDP address. Without any address or channel it is {@code 127.0.0.1:8125}.
     *
     * @param address with port 0 for any free one
     */
    public Builder listenUdp(InetSocketAddress address) {
      addresses.add(Objects.requireNonNull(address));
      return this;
    }

    /**
     * Adds a unix datagram socket, to which all users may write. A JVM has none by itself: {@code
     * com.kohlschutter.junixsocket:junixsocket-core} must be on the class path.
     */
    public Builder listenUnix(Path path) {
      paths.add(Objects.requireNonNull(path));
      return this;
    }

    /** Adds a bound channel, as of a socket that the process inherited. It is closed in the end. */
    public Builder listen(DatagramChannel channel) {
      channels.add(Objects.requireNonNull(channel));
      return this;
    }

    /**
     * Sets a mapping file in the format of statsd_exporter, which is read again when it changes.
     */
    public Builder mapping(Path mapping) {
      this.mapping = Objects.requireNonNull(mapping);
      return this;
    }

    /**
     * Sets how many bytes of datagrams may wait at a socket. The kernel gives no more than its
     * setting {@code net.core.rmem_max}.
     *
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder readBuffer(int bytes) {
      readBuffer = positive(bytes);
      return this;
    }

    /**
     * Sets how many series the bridge may have at a time, of all names; further label sets count in
     * one series a name, whose label values are {@code overflow}. By default 100,000. The limit of
     * one name is the worker's.
     *
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder maxSeries(int maxSeries) {
      this.maxSeries = positive(maxSeries);
      return this;
    }

    private static int positive(int number) {
      if (number < 1) {
        throw new IllegalArgumentException("must be at least 1: " + number);
      }
      return number;
    }

    /**
     * Starts to count.
     *
     * @throws IOException if it cannot listen, or the mapping cannot be read or is wrong; with a
     *     message of one line
     * @throws IllegalArgumentException if the worker has no directory
     */
    public StatsdBridge start() throws IOException {
      return new StatsdBridge(this);
    }

    private List<Listener> open(DatagramReader reader, BridgeMetrics metrics) throws IOException {
      List<DatagramChannel> all = new ArrayList<>(channels);
      List<Listener> listeners = new ArrayList<>();
      try {
        boolean isAnyNamed = !(channels.isEmpty() && addresses.isEmpty() && paths.isEmpty());
        for (InetSocketAddress address :
            isAnyNamed
                ? addresses
                : List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), DEFAULT_PORT))) {
          all.add(Sockets.udp(address));
        }
        for (Path path : paths) {
          all.add(Sockets.unix(path));
        }
        for (DatagramChannel channel : all) {
          setReadBuffer(channel);
          listeners.add(new Listener(channel, reader, metrics));
        }
        return listeners;
      } catch (IOException | RuntimeException | Error e) {
        // Those that were given stay as they are. An inherited one has the standard error with it.
        for (DatagramChannel channel : all.subList(channels.size(), all.size())) {
          channel.close();
        }
        throw e;
      }
    }

    private void setReadBuffer(DatagramChannel channel) throws IOException {
      int given = readBuffer == 0 ? 0 : Sockets.setReadBuffer(channel, readBuffer);
      if (given < readBuffer) {
        StoreLog.warnOnce(
            "statsd-buffer " + channel.getLocalAddress(),
            "The kernel gives "
                + given
                + " of "
                + readBuffer
                + " bytes for datagrams that wait; its setting net.core.rmem_max is the limit");
      }
    }
  }

  /** Where it listens, a text for each socket: {@code 127.0.0.1:8125}. */
  public List<String> sockets() {
    return listeners.stream().map(Listener::toString).toList();
  }

  /** The port of the first UDP socket; 0 if there is none. */
  public int port() {
    return listeners.stream()
        .map(Listener::address)
        .filter(Objects::nonNull)
        .mapToInt(InetSocketAddress::getPort)
        .findFirst()
        .orElse(0);
  }

  private void doChores() {
    try {
      while (!closed.await(CHORES_PAUSE_MS, TimeUnit.MILLISECONDS)) {
        try {
          reader.removeIdle();
          followMapping();
          reader.report();
          listeners.forEach(Listener::report);
        } catch (RuntimeException | Error e) {
          StoreLog.errorOnce("statsd-chores " + e, "A chore of the statsd bridge failed: " + e);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void followMapping() {
    if (mappingFile == null) {
      return;
    }
    try {
      Mapping changed = mappingFile.readIfChanged();
      if (changed != null) {
        reader.use(changed);
        metrics.reloaded(true);
        StoreLog.noteOnce(
            "statsd-mapping-read " + System.nanoTime(),
            "The statsd mapping was read again: " + changed.size() + " rules");
      }
    } catch (IOException e) {
      metrics.reloaded(false);
      StoreLog.errorOnce(
          "statsd-mapping " + e.getMessage(),
          "The statsd mapping stays as it was: " + e.getMessage());
    }
  }

  /** Reads no more datagrams. The worker stays open. */
  @Override
  public void close() {
    // The threads end first in any case: the worker may be closed next.
    boolean interrupted = Thread.interrupted();
    closed.countDown();
    listeners.forEach(Listener::close);
    try {
      chores.join(CHORES_PAUSE_MS);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
