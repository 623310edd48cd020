package io.github.multiprom.examples.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The example as a user runs it. */
@Tag("field")
@Timeout(300)
class RunIT {
  @Test
  void showsAtOnePortWhatFourInstancesCounted() throws Exception {
    int first = freePorts(5);
    ProcessBuilder builder = new ProcessBuilder("./run").redirectErrorStream(true);
    builder.environment().put("FIRST_PORT", Integer.toString(first));
    builder.environment().put("METRICS_PORT", Integer.toString(first + 4));
    builder
        .environment()
        .merge("PATH", System.getProperty("java.home") + "/bin", (path, java) -> java + ":" + path);
    Process run = builder.start();
    try {
      String text = new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(run.waitFor(1, TimeUnit.MINUTES), text);
      assertEquals(0, run.exitValue(), text);
      assertTrue(text.contains("killed the instance at port " + first), text);
      for (String orders : List.of("answered: [1-9]\\d+ orders", "counted:  [1-9]\\d+ orders")) {
        assertTrue(text.lines().anyMatch(line -> line.matches(orders)), text);
      }
    } finally {
      run.destroy();
      run.waitFor();
    }
  }

  /**
   * The first of some ports in a row that are free, below those that the kernel gives to clients.
   * It begins anywhere: another build on this machine looks for ports as well.
   */
  static int freePorts(int count) throws IOException {
    for (int first = 21_000 + new Random().nextInt(9_000); first < 32_000; first += count) {
      List<ServerSocket> sockets = new ArrayList<>();
      try {
        for (int port = first; port < first + count; port++) {
          sockets.add(new ServerSocket(port));
        }
        return first;
      } catch (IOException e) {
        // One of them is in use.
      } finally {
        for (ServerSocket socket : sockets) {
          socket.close();
        }
      }
    }
    throw new IOException("no free ports");
  }
}
