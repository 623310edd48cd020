package io.github.multiprom.statsd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packed program, run as a user runs it. */
class StatsdIT {
  private static final Path JAR = Path.of("target", "multiprom-statsd.jar").toAbsolutePath();

  @TempDir Path temporary;

  private Process start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-jar");
    command.add(JAR.toString());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().remove("PROMETHEUS_MULTIPROC_DIR");
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    return builder.redirectError(temporary.resolve("err").toFile()).start();
  }

  private String fails(int exitCode, String... arguments) throws Exception {
    Process process = start(arguments);
    try {
      assertTrue(process.waitFor(60, TimeUnit.SECONDS));
      assertEquals(exitCode, process.exitValue());
      // Where it counts is told by another thread, which may be late.
      List<String> lines =
          Files.readAllLines(temporary.resolve("err")).stream()
              .filter(line -> !line.startsWith("multiprom: Worker "))
              .filter(line -> !line.startsWith("multiprom: The metrics directory "))
              .toList();
      return lines.get(lines.size() - 1);
    } finally {
      process.destroyForcibly();
    }
  }

  private static String after(BufferedReader out, String words) throws IOException {
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith(words)) {
        return line.substring(words.length());
      }
    }
    throw new IOException("it ended");
  }

  @Test
  void countsAndServesUntilItIsTerminated() throws Exception {
    Path mapping = temporary.resolve("map.yml");
    Files.writeString(mapping, "mappings: [{match: a.*, name: mapped, labels: {b: $1}}]");
    Process process =
        start(
            "--dir", temporary.resolve("metrics").toString(),
            "--listen-udp", "127.0.0.1:0",
            "--mapping", mapping.toString(),
            "--read-buffer", "64KiB",
            "--port", "0");
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      String socket = after(out, "listening on 127.0.0.1:");
      URI url = URI.create(after(out, "metrics on "));
      InetSocketAddress to =
          new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(socket));
      try (DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET)) {
        channel.send(ByteBuffer.wrap("a.x:3|c\nplain:1|g".getBytes(StandardCharsets.UTF_8)), to);
      }
      HttpClient client = HttpClient.newHttpClient();
      Await.until(
          () -> scrape(client, url).contains("\nmapped_total{b=\"x\",} 3\n"),
          () -> scrape(client, url));
      process.destroy();
      assertTrue(process.waitFor(60, TimeUnit.SECONDS));
      assertEquals(
          3, Lines.samples(Lines.text(temporary.resolve("metrics"))).get("mapped_total{b=\"x\",}"));
    } finally {
      process.destroyForcibly();
    }
  }

  private static String scrape(HttpClient client, URI url) {
    try {
      return client.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString()).body();
    } catch (IOException e) {
      return e.toString();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void saysInOneLineWhatIsWrong() throws Exception {
    String directory = temporary.resolve("metrics").toString();
    assertEquals("multiprom: --listen-udp must be HOST:PORT: x", fails(2, "--listen-udp", "x"));
    assertEquals("multiprom: multiprom-statsd has no option --nope", fails(2, "--nope"));
    assertEquals(
        "multiprom: /nowhere.yml: no such file",
        fails(1, "--dir", directory, "--mapping", "/nowhere.yml"));
    assertEquals("multiprom: --check-mapping needs --mapping", fails(2, "--check-mapping"));
    assertEquals(
        "multiprom: --web-config needs --port",
        fails(2, "--dir", directory, "--web-config", "/nowhere.yml"));
  }
}
