package io.github.multiprom.statsd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bridges that inherit one socket and are killed while lines come. */
class RestartProcessTest {
  private static final int LINES_PER_DATAGRAM = 10;

  @TempDir Path directory;

  @Test
  void losesOneDatagramAtMost() throws Exception {
    losesOneDatagramAKillAtMost(1, 1_000);
  }

  @Test
  @Tag("field")
  void losesFiveDatagramsOfFiveKillsAtMost() throws Exception {
    losesOneDatagramAKillAtMost(5, 10_000);
  }

  private void losesOneDatagramAKillAtMost(int kills, int datagrams) throws Exception {
    Python.require();
    Path metrics = directory.resolve("metrics");
    List<String> command = new ArrayList<>();
    command.add(Python.COMMAND);
    command.add(Path.of(getClass().getResource("/restart.py").toURI()).toString());
    command.add(Integer.toString(kills));
    command.add(Integer.toString(datagrams));
    command.add(Integer.toString(LINES_PER_DATAGRAM));
    command.addAll(BridgeCommand.of("--dir", metrics.toString()));
    String output = run(command);
    int sent = datagrams + 20 * kills;
    assertEquals("dropped 0 sent " + sent, output);
    double counted = Lines.samples(Lines.text(metrics)).get("r_hits_total{k=\"v\",}");
    double lost = (double) sent * LINES_PER_DATAGRAM - counted;
    assertTrue(lost >= 0 && lost <= (double) kills * LINES_PER_DATAGRAM, lost + " lines lost");
  }

  /** A JVM takes it for an address of the internet, and loses what comes. */
  @Test
  void refusesAUnixSocketAsItsInput() throws Exception {
    Python.require();
    String program =
        "import socket, subprocess, sys;"
            + " held = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM);"
            + " held.bind(sys.argv[1]);"
            + " print(subprocess.run(sys.argv[2:], stdin=held, timeout=60).returncode)";
    List<String> command = new ArrayList<>(List.of(Python.COMMAND, "-c", program));
    command.add(directory.resolve("input.sock").toString());
    command.addAll(BridgeCommand.of("--dir", directory.resolve("metrics").toString()));
    assertEquals("1", run(command));
    List<String> errors = Files.readAllLines(directory.resolve("errors"));
    assertTrue(
        errors.contains(
            "multiprom: the standard input is a unix socket, which a JVM cannot read; use"
                + " --listen-unixgram"),
        errors.toString());
  }

  private String run(List<String> command) throws IOException, InterruptedException {
    Path errors = directory.resolve("errors");
    Process process =
        new ProcessBuilder(command).redirectError(Redirect.to(errors.toFile())).start();
    try {
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      assertTrue(process.waitFor(60, TimeUnit.SECONDS));
      assertEquals(0, process.exitValue(), Files.readString(errors));
      return output;
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}
