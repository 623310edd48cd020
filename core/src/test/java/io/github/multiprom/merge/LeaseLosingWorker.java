package io.github.multiprom.merge;

import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Gauge;
import io.github.multiprom.metrics.GaugeMode;
import io.github.multiprom.metrics.Worker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Scanner;

/**
 * An application that has counted 1000 and has three requests in flight. Does what it is told by
 * lines on standard input and answers each with a line.
 */
final class LeaseLosingWorker {
  private LeaseLosingWorker() {}

  /** Argument: the directory. Ends with the input. */
  public static void main(String[] arguments) throws IOException {
    Path directory = Path.of(arguments[0]);
    Worker.builder().directory(directory).store(StoreUnderTest.KIND.settingName()).open();
    Counter counter = Counter.build("c", "Counted.").create();
    Gauge inFlight = Gauge.build("in_flight", "In flight.").mode(GaugeMode.LIVESUM).create();
    counter.inc(1000);
    inFlight.set(3);
    System.out.println("ready");
    try (Scanner commands = new Scanner(System.in, "UTF-8")) {
      while (commands.hasNextLine()) {
        switch (commands.nextLine()) {
          case "count" -> counter.inc();
          case "read all files" -> readAll(directory);
          case "close" -> Worker.closeDefault();
          default -> throw new IllegalArgumentException("unknown command");
        }
        System.out.println("done");
      }
    }
    Runtime.getRuntime().halt(0);
  }

  /** As a backup does: the lock of this JVM's own lease is dropped. */
  private static void readAll(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      for (Path file : files.toList()) {
        try {
          Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
          // Renamed since the listing.
        }
      }
    }
  }
}
