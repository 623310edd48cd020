package io.github.multiprom.opentelemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two JVMs with the SDK, of which one ends by SIGKILL. */
@Timeout(300)
class KilledWorkersProcessTest {
  private static final String SCOPE = "otel_scope_name=\"worker\",";

  @TempDir Path directory;
  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void killAll() throws InterruptedException {
    for (Process process : processes) {
      process.destroyForcibly().waitFor();
    }
  }

  private record Running(Process process, Writer input, BufferedReader output) {
    void count(int times) throws IOException {
      input.write(times + "\n");
      input.flush();
      assertEquals("sampled", output.readLine());
    }
  }

  private Running start(String name) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                InstrumentedWorker.class.getName(),
                directory.toString(),
                name)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    processes.add(process);
    return new Running(process, process.outputWriter(), process.inputReader());
  }

  private void assertCounts(int times) {
    String text = Shown.of(directory);
    for (String sample :
        List.of(
            "rounds_total{" + SCOPE + "} ",
            "calls_seconds_count{" + SCOPE + "} ",
            "calls_seconds_bucket{" + SCOPE + "le=\"5.0\",} ")) {
      assertTrue(text.contains(sample + (double) times + "\n"), text);
    }
    assertTrue(text.contains("calls_seconds_sum{" + SCOPE + "} " + 2.0 * times + "\n"), text);
    assertEquals(times, Shown.nativeBuckets(directory, "sizes").count());
  }

  @Test
  void keepWhatWasSampled() throws Exception {
    Running first = start("first");
    Running second = start("second");
    first.count(1000);
    second.count(200);
    assertCounts(1200);
    assertTrue(Shown.of(directory).contains("heat{" + SCOPE + "worker=\"first\",} 20.0\n"));

    first.process.destroyForcibly().waitFor();
    assertCounts(1200);
    second.count(30);
    assertCounts(1230);
    assertFalse(Shown.of(directory).contains("first"));

    start("third").count(4);
    assertCounts(1234);
  }
}
