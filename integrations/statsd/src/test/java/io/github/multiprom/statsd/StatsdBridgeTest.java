package io.github.multiprom.statsd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Gauge;
import io.github.multiprom.metrics.GaugeMode;
import io.github.multiprom.metrics.Worker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bridge with sockets. */
class StatsdBridgeTest {
  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  @TempDir Path directory;

  private Worker worker() {
    return Worker.builder().directory(directory).name("statsd").open();
  }

  static void send(StatsdBridge bridge, String... datagrams) throws IOException {
    InetSocketAddress to = new InetSocketAddress(InetAddress.getLoopbackAddress(), bridge.port());
    try (DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET)) {
      for (String datagram : datagrams) {
        channel.send(ByteBuffer.wrap(datagram.getBytes(UTF_8)), to);
      }
    }
  }

  private static void sendQuietly(StatsdBridge bridge, String datagram) {
    try {
      send(bridge, datagram);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void awaitSample(String name, double value) {
    Await.until(
        () -> value == Lines.samples(Lines.text(directory)).getOrDefault(name, Double.NaN),
        () -> name + " is not " + value + ":\n" + Lines.text(directory));
  }

  @Test
  void countsTogetherWithTheWorkersOfTheDirectory() throws IOException {
    try (Worker application = Worker.builder().directory(directory).name("web").open();
        Worker worker = worker();
        StatsdBridge bridge = StatsdBridge.builder(worker).listenUdp(ANY_PORT).start()) {
      Counter.build("hits", "Hits.")
          .labelNames("path")
          .worker(application)
          .create()
          .labels("/")
          .inc(3);
      send(bridge, "hits:4|c|#path:/\nhits:1|c", "hits:5|c|#path:/");
      awaitSample("hits_total{path=\"/\",}", 12);
      awaitSample("hits_total", 1);
      awaitSample("multiprom_statsd_datagrams_total", 2);
    }
    awaitSample("hits_total{path=\"/\",}", 12);
  }

  @Test
  void goesOnWithRelativeGaugesFromTheMergedValue() throws IOException {
    try (Worker first = worker();
        StatsdBridge bridge = StatsdBridge.builder(first).listenUdp(ANY_PORT).start()) {
      send(bridge, "queue:40|g|#q:a\nqueue:-2|g|#q:a\nqueue:7|g|#q:b\nother:1|g");
      awaitSample("queue{q=\"a\",}", 38);
    }
    try (Worker application = Worker.builder().directory(directory).name("web").open();
        Worker second = worker();
        StatsdBridge bridge = StatsdBridge.builder(second).listenUdp(ANY_PORT).start()) {
      Gauge.build("other", "Help.").mode(GaugeMode.MOSTRECENT).worker(application).create().set(10);
      send(
          bridge, "queue:+1|g|#q:a\nqueue:+1|g|#q:b\nqueue:+1|g|#q:c\nother:-1|g\nqueue:-3|g|#q:a");
      awaitSample("queue{q=\"a\",}", 36);
      awaitSample("queue{q=\"b\",}", 8);
      awaitSample("queue{q=\"c\",}", 1);
      awaitSample("other", 9);
    }
  }

  @Test
  void removesWhatIsIdleAndItsName() throws IOException {
    Path mapping = directory.resolveSibling(directory.getFileName() + ".yml");
    Files.writeString(
        mapping,
        """
        mappings:
        - {match: "short.*", name: short, ttl: 100ms, labels: {n: $1}}
        - {match: "alone", name: alone, ttl: 100ms}
        """);
    try (Worker worker = worker();
        StatsdBridge bridge =
            StatsdBridge.builder(worker).listenUdp(ANY_PORT).mapping(mapping).start()) {
      send(bridge, "short.1:1|c\nshort.2:1|c\nalone:5|c\nstays:1|c");
      awaitSample("multiprom_statsd_series", 1);
      Set<String> samples = Lines.samples(Lines.text(directory)).keySet();
      assertTrue(
          samples.stream().noneMatch(name -> name.startsWith("short") || name.startsWith("alone")),
          samples.toString());
      awaitSample("stays_total", 1);
      // The name is free for another type. Sent until it is seen: it goes again when it is idle.
      SortedMap<String, Double> again = new TreeMap<>();
      Await.until(
          () -> {
            again.clear();
            sendQuietly(bridge, "alone:7|g\nshort.1:2|c");
            again.putAll(Lines.samples(Lines.text(directory)));
            return again.containsKey("alone") && again.containsKey("short_total{n=\"1\",}");
          },
          () -> "not there again: " + again);
      assertEquals(7, again.get("alone"));
      // By two, and without the one of before.
      assertEquals(0, again.get("short_total{n=\"1\",}") % 2);
    } finally {
      Files.delete(mapping);
    }
  }

  @Test
  void takesEachDatagramWhateverItSays() throws IOException {
    char[] tags = new char[60_000];
    Arrays.fill(tags, 'x');
    StringBuilder many = new StringBuilder("many:1|c|#");
    for (int i = 0; i < 10_000; i++) {
      many.append('t').append(i).append(":v,");
    }
    try (Worker worker = worker();
        StatsdBridge bridge = StatsdBridge.builder(worker).listenUdp(ANY_PORT).start()) {
      String[] datagrams = {
        "a:1|ms|#quantile:x",
        "b:1|ms|#le:5",
        "c:1|c|#__name__:x",
        new String(tags) + ":1|c",
        "long:1|c|#t:" + new String(tags),
        "long:1|c|#" + new String(tags) + ":t",
        many.substring(0, 65_000),
        "\0:1|c\n\u0001\u0002|||:::",
        "fine:1|c"
      };
      for (int i = 0; i < datagrams.length; i++) {
        send(bridge, datagrams[i]);
        awaitSample("multiprom_statsd_datagrams_total", i + 1);
      }
      awaitSample("fine_total", 1);
      awaitSample("long_total{t=\"overflow\",}", 1);
      awaitSample("multiprom_statsd_line_errors_total{reason=\"too_long\",}", 3);
      awaitSample("multiprom_statsd_line_errors_total{reason=\"internal\",}", 0);
    }
  }

  @Test
  void tellsWhatTheKernelDropped() throws IOException {
    try (Worker worker = worker();
        StatsdBridge bridge =
            StatsdBridge.builder(worker).listenUdp(ANY_PORT).readBuffer(8192).start()) {
      String socket = bridge.sockets().get(0);
      String[] datagrams = new String[20_000];
      Arrays.fill(datagrams, "a:1|c");
      send(bridge, datagrams);
      Await.until(
          () -> {
            var samples = Lines.samples(Lines.text(directory));
            return samples.getOrDefault("a_total", 0.0)
                    + samples.getOrDefault(
                        "multiprom_statsd_kernel_dropped{socket=\"" + socket + "\",}", 0.0)
                == datagrams.length;
          },
          () -> Lines.text(directory));
    }
  }

  @Test
  void tellsOfEachSocketWhatTheKernelDroppedThere() throws IOException {
    try (Worker worker = worker();
        DatagramChannel first = bound("127.0.0.1", 0);
        DatagramChannel second =
            bound("127.0.0.2", ((InetSocketAddress) first.getLocalAddress()).getPort());
        StatsdBridge bridge =
            StatsdBridge.builder(worker).listen(first).listen(second).readBuffer(8192).start()) {
      int sent = 20_000;
      try (DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET)) {
        for (int i = 0; i < sent; i++) {
          channel.send(ByteBuffer.wrap("a:1|c".getBytes(UTF_8)), second.getLocalAddress());
        }
      }
      assertEquals(
          List.of("127.0.0.1:" + bridge.port(), "127.0.0.2:" + bridge.port()), bridge.sockets());
      Await.until(
          () -> {
            var samples = Lines.samples(Lines.text(directory));
            return samples.getOrDefault("a_total", 0.0) + dropped(samples, bridge.sockets().get(1))
                    == sent
                && dropped(samples, bridge.sockets().get(0)) == 0;
          },
          () -> Lines.text(directory));
    }
  }

  private static DatagramChannel bound(String host, int port) throws IOException {
    return DatagramChannel.open(StandardProtocolFamily.INET)
        .bind(new InetSocketAddress(host, port));
  }

  private static double dropped(Map<String, Double> samples, String socket) {
    return samples.getOrDefault(
        "multiprom_statsd_kernel_dropped{socket=\"" + socket + "\",}", Double.NaN);
  }

  @Test
  void listensOnAllAddressesWithoutAHost() throws IOException {
    try (Worker worker = worker();
        StatsdBridge bridge =
            StatsdBridge.builder(worker).listenUdp(new InetSocketAddress(0)).start()) {
      send(bridge, "a:1|c");
      awaitSample("a_total", 1);
      byte[] bytes = new byte[16];
      bytes[15] = 1;
      InetAddress loopback = InetAddress.getByAddress(bytes);
      assumeTrue(NetworkInterface.getByInetAddress(loopback) != null, "needs IPv6");
      try (DatagramChannel channel = DatagramChannel.open()) {
        channel.send(
            ByteBuffer.wrap("a:2|c".getBytes(UTF_8)),
            new InetSocketAddress(loopback, bridge.port()));
      }
      awaitSample("a_total", 3);
      assertEquals(List.of("[::]:" + bridge.port()), bridge.sockets());
      awaitSample("multiprom_statsd_kernel_dropped{socket=\"[::]:" + bridge.port() + "\",}", 0);
    }
  }

  @Test
  void leavesNoThreadThoughTheOneThatClosesItIsInterrupted() throws IOException {
    try (Worker worker = worker()) {
      for (int i = 0; i < 10; i++) {
        StatsdBridge bridge = StatsdBridge.builder(worker).listenUdp(ANY_PORT).start();
        send(bridge, "a:1|c");
        Thread.currentThread().interrupt();
        bridge.close();
        assertTrue(Thread.interrupted());
        assertEquals(
            List.of(),
            Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("multiprom-statsd"))
                .toList());
      }
    }
  }

  @Test
  void saysWhyItCannotStart() throws IOException {
    try (Worker worker = worker();
        StatsdBridge bridge = StatsdBridge.builder(worker).listenUdp(ANY_PORT).start()) {
      InetSocketAddress taken =
          new InetSocketAddress(InetAddress.getLoopbackAddress(), bridge.port());
      IOException e =
          assertThrows(
              IOException.class, () -> StatsdBridge.builder(worker).listenUdp(taken).start());
      assertEquals(
          "cannot listen at udp localhost:" + bridge.port() + ": Address already in use",
          e.getMessage());
      assertThrows(
          IOException.class,
          () -> StatsdBridge.builder(worker).mapping(directory.resolve("none")).start());
    }
  }

  @Test
  void readsUnixDatagrams() throws IOException {
    Path socket = directory.resolveSibling(directory.getFileName() + ".sock");
    for (int round = 0; round < 2; round++) {
      try (Worker worker = worker();
          StatsdBridge bridge = StatsdBridge.builder(worker).listenUnix(socket).start()) {
        assertEquals(0, bridge.port());
        assertEquals(List.of(socket.toString()), bridge.sockets());
        UnixSender.send(socket, "a:1|c\na:2|c", "a:3|c");
        awaitSample("a_total", 6 * (round + 1));
      }
    }
    Files.deleteIfExists(socket);
  }

  @Test
  void leavesASocketOfAnotherProgramAlone() throws IOException {
    Path socket = directory.resolveSibling(directory.getFileName() + ".sock");
    try (Worker worker = worker();
        StatsdBridge bridge = StatsdBridge.builder(worker).listenUnix(socket).start()) {
      assertEquals(
          "cannot listen at unix socket " + socket + ": it is in use", failure(worker, socket));
      UnixSender.send(socket, "a:1|c");
      awaitSample("a_total", 1);
      assertEquals(List.of(socket.toString()), bridge.sockets());
    }
    Files.delete(socket);
    try (Worker worker = worker();
        ServerSocketChannel stream = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      stream.bind(UnixDomainSocketAddress.of(socket));
      assertEquals(
          "cannot listen at unix socket " + socket + ": it is in use", failure(worker, socket));
      assertTrue(Files.exists(socket));
    }
    Files.deleteIfExists(socket);
  }

  private static String failure(Worker worker, Path socket) {
    StatsdBridge.Builder builder = StatsdBridge.builder(worker).listenUnix(socket);
    return assertThrows(IOException.class, builder::start).getMessage();
  }
}
