package io.github.multiprom.examples.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The programs of docs/getting-started.md, and what the page says that they print. */
@Tag("field")
@Timeout(300)
class GettingStartedIT {
  private static final String SPRING_BOOT = "Spring Boot";
  private static final long POLL_NANOS = Duration.ofMillis(50).toNanos();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @TempDir Path folder;
  private final List<Process> processes = new ArrayList<>();
  private String section;

  @AfterEach
  void killAll() throws InterruptedException {
    for (Process process : processes) {
      process.destroyForcibly().waitFor();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Nothing yet",
        "simpleclient",
        "prometheus-metrics 1.x",
        "Micrometer",
        SPRING_BOOT
      })
  void showsWhatItSays(String name) throws Exception {
    String page = Files.readString(Path.of("../../docs/getting-started.md"));
    section = page.substring(page.indexOf("\n## " + name + "\n"));
    int end = section.indexOf("\n## ", 1);
    section = end < 0 ? section : section.substring(0, end);
    compile();
    int port = RunIT.freePorts(2);
    Process first = start(port, 3);
    start(port + 1, 4);

    boolean isBoot = name.equals(SPRING_BOOT);
    String metrics = isBoot ? "/actuator/prometheus" : "/metrics";
    String steps = isBoot ? section : page.substring(0, page.indexOf("\n## "));
    List<String> expected = blocks(steps, "");
    Matcher filter = Pattern.compile("grep -E '(.*)'").matcher(steps);
    assertTrue(filter.find(), steps);
    Pattern lines = Pattern.compile(filter.group(1));
    for (int answering : new int[] {port, port + 1, port + 1}) {
      get(answering, isBoot ? "/order" : metrics);
    }
    String text = shown(get(port, metrics), lines);
    // A request is counted when it has been answered.
    for (int tries = 0; tries < 1_200 && !text.equals(expected.get(0)); tries++) {
      LockSupport.parkNanos(POLL_NANOS);
      text = shown(get(port, metrics), lines);
    }
    assertEquals(expected.get(0), text);
    first.destroyForcibly().waitFor();
    assertEquals(expected.get(1), shown(get(port + 1, metrics), lines));
  }

  private static List<String> blocks(String text, String language) {
    Matcher all =
        Pattern.compile("^```(\\w*)\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL).matcher(text);
    return all.results()
        .filter(block -> block.group(1).equals(language))
        .map(block -> block.group(2))
        .toList();
  }

  private void compile() throws IOException {
    Path source = folder.resolve("Shop.java");
    Files.writeString(source, blocks(section, "java").get(0));
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-d",
                folder.toString(),
                "-parameters",
                "-cp",
                System.getProperty("java.class.path"),
                source.toString());
    assertEquals(0, result);
  }

  private Process start(int port, int orders) throws IOException {
    boolean isBoot = section.contains("package shop;");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                folder + ":" + System.getProperty("java.class.path")));
    if (isBoot) {
      command.addAll(
          List.of(
              "shop.Shop",
              "--server.port=" + port,
              "--management.endpoints.web.exposure.include=health,prometheus"));
    } else {
      command.addAll(List.of("Shop", Integer.toString(port), Integer.toString(orders)));
    }
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("PROMETHEUS_MULTIPROC_DIR", folder.resolve("metrics").toString());
    builder.redirectErrorStream(true).redirectOutput(folder.resolve(port + ".log").toFile());
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  /** Asks until it is answered. */
  private String get(int port, String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://localhost:" + port + path)).build();
    while (true) {
      try {
        HttpResponse<String> response =
            CLIENT.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        assertEquals(200, response.statusCode(), response.body());
        return response.body();
      } catch (ConnectException e) {
        for (Process process : processes) {
          assertTrue(process.isAlive(), () -> log(port));
        }
        LockSupport.parkNanos(POLL_NANOS);
      }
    }
  }

  private String log(int port) {
    try {
      return Files.readString(folder.resolve(port + ".log"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** The lines that the page shows, with labels as it writes them. */
  private static String shown(String text, Pattern lines) {
    return text.lines()
        .filter(line -> lines.matcher(line).find())
        .map(line -> line.replace(",}", "}"))
        .collect(Collectors.joining("\n", "", "\n"));
  }
}
