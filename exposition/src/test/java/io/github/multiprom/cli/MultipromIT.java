package io.github.multiprom.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.multiprom.exposition.DeletedDirectory;
import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Worker;
import io.prometheus.client.CollectorRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packed program, run as a user runs it. */
class MultipromIT {
  private static final Path JAR = Path.of("target", "multiprom.jar").toAbsolutePath();

  @TempDir Path temporary;

  private record Result(int exitCode, String out, String err) {}

  private Process start(String... arguments) throws IOException {
    return start(Redirect.PIPE, arguments);
  }

  private Process start(Redirect out, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-jar");
    command.add(JAR.toString());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().remove("PROMETHEUS_MULTIPROC_DIR");
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    builder.redirectError(temporary.resolve("err").toFile());
    return builder.redirectOutput(out).start();
  }

  private Result run(String... arguments) throws Exception {
    Process process = start(arguments);
    try (InputStream output = process.getInputStream()) {
      String out = new String(output.readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(process.waitFor(60, TimeUnit.SECONDS));
      return new Result(process.exitValue(), out, Files.readString(temporary.resolve("err")));
    } finally {
      process.destroyForcibly();
    }
  }

  private void assertRefused(int exitCode, String... arguments) throws Exception {
    Result result = run(arguments);
    String what = String.join(" ", arguments) + ": " + result;
    assertEquals(exitCode, result.exitCode, what);
    assertEquals(1, result.err.lines().count(), what);
    assertEquals("", result.out, what);
  }

  private Path counted() {
    Path directory = temporary.resolve("metrics");
    try (Worker worker = Worker.builder().directory(directory).name("w1").open()) {
      Counter.build("jobs", "Jobs.").worker(worker).register(new CollectorRegistry()).inc(3);
    }
    return directory;
  }

  @Test
  void hasTheFlagsOfChronicleMapInItsManifest() throws IOException {
    Set<String> given = new TreeSet<>();
    try (JarFile jar = new JarFile(JAR.toFile())) {
      Attributes attributes = jar.getManifest().getMainAttributes();
      for (String how : List.of("Add-Exports", "Add-Opens")) {
        for (String what : attributes.getValue(how).split(" ", -1)) {
          given.add("--" + how.toLowerCase(Locale.ROOT) + "=" + what + "=ALL-UNNAMED");
        }
      }
    }
    String flags = System.getProperty("chronicle.flags").strip();
    assertEquals(new TreeSet<>(List.of(flags.split("\\s+"))), given);
  }

  @Test
  void failsInOneLine() throws Exception {
    assertRefused(2, "nonsense");
    assertRefused(2, "cat");
    assertRefused(1, "cat", "--dir", temporary.resolve("missing").toString());
  }

  @Test
  void writesOneScrape() throws Exception {
    Path directory = counted();
    Result text = run("cat", "--dir", directory.toString());
    assertEquals(0, text.exitCode, text.err);
    assertTrue(text.out.contains("\njobs_total 3\n"), text.out);
    Result openMetrics = run("cat", "--dir", directory.toString(), "--format", "openmetrics");
    assertTrue(openMetrics.out.contains("\njobs_total 3\n"), openMetrics.out);
    assertTrue(openMetrics.out.endsWith("# EOF\n"), openMetrics.out);
  }

  @Test
  void failsInOneLineWhenTheOutputCannotBeWritten() throws Exception {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full));
    String directory = counted().toString();
    for (String command : List.of("cat", "ls", "verify", "compact", "clean", "--help")) {
      List<String> arguments = new ArrayList<>(List.of(command));
      if (!command.equals("--help")) {
        arguments.addAll(List.of("--dir", directory));
      }
      Process process = start(Redirect.to(full.toFile()), arguments.toArray(new String[0]));
      try {
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals(1, process.exitValue(), command);
        assertEquals(
            "multiprom: the output could not be written\n",
            Files.readString(temporary.resolve("err")),
            command);
      } finally {
        process.destroyForcibly();
      }
    }
  }

  @Test
  void servesWithoutAWarning() throws Exception {
    Path directory = counted();
    Process process = start("serve", "--dir", directory.toString(), "--port", "0");
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      String line = out.readLine();
      assertTrue(line.matches("listening on http://127\\.0\\.0\\.1:\\d+/metrics"), line);
      URI uri = URI.create(line.substring("listening on ".length()));
      String body =
          HttpClient.newHttpClient()
              .send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())
              .body();
      assertTrue(body.contains("\njobs_total 3\n"), body);
      process.destroy();
      assertTrue(process.waitFor(60, TimeUnit.SECONDS));
      assertEquals("", Files.readString(temporary.resolve("err")));
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void servesADirectoryThatComesAndGoes() throws Exception {
    Path directory = temporary.resolve("metrics");
    Process process = start("serve", directory.toString(), "--port", "0");
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      URI uri = URI.create(out.readLine().substring("listening on ".length()));
      assertEquals(List.of(), jobs(uri));
      counted();
      assertEquals(List.of("jobs_total 3"), jobs(uri));
      DeletedDirectory.delete(directory);
      assertEquals(List.of(), jobs(uri));
      counted();
      assertEquals(List.of("jobs_total 3"), jobs(uri));
      String said = Files.readString(temporary.resolve("err"));
      assertTrue(said.startsWith("multiprom: directory " + directory + " does not exist"), said);
    } finally {
      process.destroyForcibly();
    }
  }

  private static List<String> jobs(URI uri) throws Exception {
    HttpResponse<String> response =
        HttpClient.newHttpClient()
            .send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    assertEquals(200, response.statusCode(), response.body());
    return response.body().lines().filter(line -> line.startsWith("jobs_total ")).toList();
  }

  @Test
  void looksAfterADirectory() throws Exception {
    Path directory = temporary.resolve("metrics");
    String dir = directory.toString();
    try (Worker worker = Worker.builder().directory(directory).name("w1").open()) {
      Counter.build("jobs", "Jobs.").worker(worker).register(new CollectorRegistry()).inc(3);
      Result live = run("ls", "--dir", dir);
      assertTrue(live.out.lines().anyMatch(line -> line.matches("w1 +\\d+ +live .*")), live.out);
      assertRefused(1, "clean", "--dir", dir);
    }
    Result dead = run("ls", "--dir", dir);
    assertTrue(dead.out.lines().anyMatch(line -> line.matches("w1 +\\d+ +dead .*")), dead.out);
    assertEquals("retired 1 worker\n", run("compact", "--dir", dir).out);
    assertTrue(run("ls", "--dir", dir).out.contains("retained: 1 worker, "));
    assertEquals(0, run("verify", "--dir", dir).exitCode);

    Files.writeString(directory.resolve("0123456789abcdef0123456789abcdef.worker"), "damaged");
    Result damaged = run("verify", "--dir", dir);
    assertEquals(1, damaged.exitCode);
    assertEquals(1, damaged.out.lines().count(), damaged.out);
    assertEquals(0, run("clean", "--dir", dir).exitCode);
    assertTrue(run("cat", "--dir", dir).out.lines().noneMatch(line -> line.startsWith("jobs")));
  }
}
