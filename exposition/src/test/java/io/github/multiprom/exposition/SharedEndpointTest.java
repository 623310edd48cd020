package io.github.multiprom.exposition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.directory.EndpointStarter;
import io.github.multiprom.python.GoldenFiles;
import io.github.multiprom.python.PythonSource;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedEndpointTest {
  private static final String HOST = "127.0.0.1";

  // Strong: a logger that nobody holds forgets its handlers.
  private static final Logger LOGGER = Logger.getLogger("io.github.multiprom");

  @TempDir Path directory;

  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord logged) {
          lines.add(logged.getLevel() + " " + logged.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };
  private int port;

  @BeforeEach
  void listen() throws IOException {
    LOGGER.addHandler(handler);
    LOGGER.setUseParentHandlers(false);
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
  }

  @AfterEach
  void clean() throws IOException {
    DeletedDirectory.delete(directory);
    LOGGER.removeHandler(handler);
    LOGGER.setUseParentHandlers(true);
  }

  private static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - end < 0, what);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }

  private boolean serves() {
    return serves("multiprom_workers");
  }

  private boolean serves(String name) {
    URI uri = URI.create("http://" + HOST + ":" + port + "/metrics");
    try (InputStream in = uri.toURL().openStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).contains(name);
    } catch (IOException e) {
      return false;
    }
  }

  private SharedEndpoint start() {
    return SharedEndpoint.start(directory, HOST, port);
  }

  private long logged(String text) {
    return lines.stream().filter(line -> line.contains(text)).count();
  }

  /** A close waits for two seconds at most, which may pass while the machine stands still. */
  private void assertEnds(SharedEndpoint endpoint) {
    long start = System.nanoTime();
    endpoint.close();
    boolean isLate = System.nanoTime() - start >= TimeUnit.SECONDS.toNanos(2);
    assertTrue(isLate || isFree());
    assertTrue(isLate || !serves());
  }

  private boolean isFree() {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void servesUntilItIsClosed() {
    try (SharedEndpoint endpoint = start()) {
      await("it does not serve: " + endpoint, this::serves);
      String line = "are served at http://" + HOST + ":" + port + "/metrics by this";
      await("it does not say so: " + endpoint, () -> logged(line) == 1);
      assertEnds(endpoint);
    }
  }

  @Test
  void freesItsPortWhenItIsClosed() {
    for (int i = 0; i < 50; i++) {
      try (SharedEndpoint endpoint = start()) {
        await("it does not serve: " + endpoint, this::serves);
        assertEnds(endpoint);
      }
    }
  }

  @Test
  void servesWhatPythonWorkersCountIfToldSo() throws IOException {
    String printed = GoldenFiles.unpack("0.25.0", directory);
    String line = printed.lines().filter(any -> !any.startsWith("#")).findFirst().orElseThrow();
    String name = line.substring(0, line.indexOf('{'));
    try (SharedEndpoint endpoint = start()) {
      await("it does not serve: " + endpoint, this::serves);
      assertFalse(serves(name));
    }
    try (SharedEndpoint endpoint =
        SharedEndpoint.start(
            directory, HOST, port, null, () -> new PythonSource(directory, false))) {
      await("it does not serve " + name + ": " + endpoint, () -> serves(name));
    }
    System.setProperty("multiprom.python", "true");
    try (SharedEndpoint endpoint = start()) {
      await("it does not serve " + name + ": " + endpoint, () -> serves(name));
    } finally {
      System.clearProperty("multiprom.python");
    }
  }

  @Test
  void takesOverFromAnotherOneOfTheSameProcess() {
    SharedEndpoint first = start();
    await("it does not serve", this::serves);
    try (SharedEndpoint second = start()) {
      first.close();
      await("it does not take over: " + second, this::serves);
      assertEnds(second);
    }
  }

  @Test
  void waitsForAPortThatAnotherProgramHas() throws IOException {
    SharedEndpoint endpoint;
    try (ServerSocket foreign = new ServerSocket()) {
      foreign.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      endpoint = start();
      await("it says nothing", () -> logged("are not served at " + HOST + ":" + port) == 1);
    }
    try (endpoint) {
      await("it does not serve: " + endpoint, this::serves);
    }
    assertEquals(1, logged("are not served at"));
  }

  @Test
  void closesWhileItWaitsForThePort() throws IOException {
    try (ServerSocket foreign = new ServerSocket()) {
      foreign.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      start().close();
    }
    await("the port is taken", this::isFree);
    assertFalse(serves());
  }

  @Test
  void servesWithoutALock() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    try (SharedEndpoint endpoint = SharedEndpoint.start(file.resolve("none"), HOST, port)) {
      await("it does not serve: " + endpoint, this::serves);
    }
  }

  @Test
  void saysOnceThatItsHostCannotBeUsed() {
    try (SharedEndpoint endpoint = SharedEndpoint.start(directory, "no.such.host.invalid", port)) {
      await("it says nothing: " + endpoint, () -> logged("unknown host") == 1);
    }
    assertEquals(1, lines.size(), lines.toString());
  }

  @Test
  void refusesWhatIsNoPort() {
    for (int wrong : new int[] {-1, 0, 65_536}) {
      assertThrows(
          IllegalArgumentException.class, () -> SharedEndpoint.start(directory, HOST, wrong));
    }
  }

  @Test
  void isFoundByWorkers() {
    assertTrue(
        ServiceLoader.load(EndpointStarter.class).stream()
            .anyMatch(starter -> starter.type() == SharedEndpointStarter.class));
  }
}
