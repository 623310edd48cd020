package io.github.multiprom.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.multiprom.metrics.Worker;
import io.github.multiprom.micrometer.MultipromMeterRegistry;
import io.github.multiprom.prometheus.MergedPrometheusRegistry;
import io.github.multiprom.spring.application.Application;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringBootVersion;

/** Applications of the oldest and of the newest Spring Boot, each in a JVM of its own. */
@Tag("field")
@Timeout(300)
class BootApplicationsProcessTest {
  private static final long POLL_NANOS = Duration.ofMillis(50).toNanos();
  private static final String HELLO =
      "http_server_requests_seconds_count{error=\"none\",exception=\"none\",method=\"GET\","
          + "outcome=\"SUCCESS\",status=\"200\",uri=\"/hello\"}";

  @TempDir Path directory;
  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void killAll() throws InterruptedException {
    for (Process process : processes) {
      process.destroyForcibly().waitFor();
    }
  }

  /** The class path of Boot 3, which only the tests with the newest Boot know. */
  private static String oldest() {
    String libraries = System.getProperty("multiprom.test.oldest", "");
    assumeTrue(!libraries.isEmpty() && !libraries.startsWith("$"), "no other class path is known");
    assumeTrue(!SpringBootVersion.getVersion().startsWith("3."), "this is the oldest Boot");
    return place(Application.class)
        + File.pathSeparator
        + place(MultipromAutoConfiguration.class)
        + File.pathSeparator
        + libraries;
  }

  /** Where a class comes from. */
  private static String place(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static String newest() {
    return System.getProperty("java.class.path");
  }

  private static Path jdk() {
    return Path.of(System.getProperty("java.home"));
  }

  /** JDK 25 if there is one, else the one that runs this. */
  private static Path newestJdk() throws IOException {
    Path all = Path.of("/usr/lib/jvm");
    if (!Files.isDirectory(all)) {
      return jdk();
    }
    try (Stream<Path> jdks = Files.list(all)) {
      return jdks.filter(path -> path.toString().contains("-25-"))
          .filter(path -> Files.exists(path.resolve("bin/java")))
          .findFirst()
          .orElse(jdk());
    }
  }

  private record Running(Process process, int port) {}

  private Running start(Path jdk, String classPath, String name, String... arguments)
      throws Exception {
    Path portFile = directory.resolve(name + ".port");
    Path log = directory.resolve(name + ".log");
    List<String> command = new ArrayList<>();
    command.add(jdk.resolve("bin/java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", classPath));
    command.add(Application.class.getName());
    command.add(portFile.toString());
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    processes.add(process);
    while (!Files.exists(portFile)) {
      if (!process.isAlive()) {
        throw new IOException(name + " ended: " + Files.readString(log));
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    return new Running(process, Integer.parseInt(Files.readString(portFile)));
  }

  private Running start(Path jdk, String classPath, String name) throws Exception {
    return start(
        jdk,
        classPath,
        name,
        "--multiprom.dir=" + directory.resolve("metrics"),
        "--multiprom.worker=" + name);
  }

  @Test
  void ofTwoVersionsCountInOneDirectory() throws Exception {
    String oldestPath = oldest();
    Running old = start(jdk(), oldestPath, "old");
    Running recent = start(newestJdk(), newest(), "recent");
    for (int i = 0; i < 5; i++) {
      Pages.get(old.port, "/hello");
      if (i < 3) {
        Pages.get(recent.port, "/hello");
      }
    }
    for (int port : new int[] {old.port, recent.port}) {
      String text = Pages.awaitSum(port, HELLO, 8);
      assertEquals(8, Pages.sum(text, "greetings_total{"), text);
    }

    old.process.destroyForcibly().waitFor();
    String text = Pages.get(recent.port, Pages.METRICS);
    assertEquals(8, Pages.sum(text, HELLO), text);
    assertFalse(text.contains("worker=\"old\""), text);

    Running again = start(jdk(), oldestPath, "again");
    Pages.get(again.port, "/hello");
    recent.process.destroyForcibly().waitFor();
    text = Pages.awaitSum(again.port, HELLO, 9);
    assertEquals(9, Pages.sum(text, "greetings_total{"), text);
  }

  @Test
  void areAsEverWithoutADirectory() throws Exception {
    Set<String> ours =
        Stream.of(
                MultipromAutoConfiguration.class,
                MultipromMeterRegistry.class,
                MergedPrometheusRegistry.class,
                Worker.class)
            .map(BootApplicationsProcessTest::place)
            .collect(Collectors.toSet());
    String withoutUs =
        Arrays.stream(newest().split(File.pathSeparator, -1))
            .filter(part -> !ours.contains(Path.of(part).toString()))
            .collect(Collectors.joining(File.pathSeparator));
    Running plain = start(jdk(), withoutUs, "plain");
    Running with = start(jdk(), newest(), "with", "--multiprom.worker=unused");
    for (Running running : new Running[] {plain, with}) {
      Pages.get(running.port, "/hello");
      // The first scrape is a request as well.
      Pages.get(running.port, Pages.METRICS);
    }
    // A request is counted when it has been answered.
    long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    while (!shape(plain).equals(shape(with)) && System.nanoTime() - end < 0) {
      LockSupport.parkNanos(POLL_NANOS);
    }
    assertEquals(shape(plain), shape(with));
  }

  /** All but the numbers, and what a garbage collection brings whenever it comes. */
  private static String shape(Running running) {
    return Pages.get(running.port, Pages.METRICS)
        .lines()
        .filter(line -> !line.contains("jvm_gc_"))
        .map(line -> line.startsWith("#") ? line : line.substring(0, line.lastIndexOf(' ')))
        .collect(Collectors.joining("\n"));
  }
}
