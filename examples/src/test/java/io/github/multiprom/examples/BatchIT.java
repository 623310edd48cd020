package io.github.multiprom.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The shell loop of short-lived JVMs, with the packaged jar. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class BatchIT {
  @Test
  void countsEveryItemOfEveryShortLivedJvm() throws Exception {
    var script = Path.of("batch-loop.sh").toAbsolutePath().toString();
    try (var loop = RunningProcess.start(List.of("sh", script, "20", "7"))) {
      int exitCode = loop.awaitExit(300);

      assertEquals(
          List.of("batch_items_total 140", "batch_runs_total 20"),
          loop.output().lines().filter(line -> line.matches("batch_\\w+_total .*")).toList(),
          loop::output);
      assertEquals(0, exitCode);
    }
  }
}
