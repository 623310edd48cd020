package io.github.multiprom.benchmarks;

import io.github.multiprom.metrics.Counter;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Ends the first of its forks in the middle. */
@State(Scope.Thread)
public class HaltingBenchmark {
  private static final Counter RUNS =
      Counter.build().name("runs_total").help("Runs begun.").register();

  @Param("none")
  String marker;

  @Benchmark
  public void run() throws IOException {
    RUNS.inc();
    try {
      Files.createFile(Path.of(marker));
      Runtime.getRuntime().halt(1);
    } catch (FileAlreadyExistsException e) {
      // A later fork, or a later run.
    }
  }
}
