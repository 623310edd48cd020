package io.github.multiprom.internal.lease;

import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.worker.Fixtures;
import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.model.Snapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.Scanner;

/**
 * A JVM for tests of liveness. Does what it is told by lines on standard input and answers each
 * with a line.
 */
public final class LeaseWorker {
  private LeaseWorker() {}

  /** Argument: the directory. Ends with the input. */
  public static void main(String[] arguments) throws IOException {
    Path directory = Path.of(arguments[0]);
    MappedIncarnation worker = null;
    DirectoryReader reader = new DirectoryReader(directory);
    try (Scanner commands = new Scanner(System.in, "UTF-8")) {
      while (commands.hasNextLine()) {
        switch (commands.nextLine()) {
          case "open" -> {
            worker = MappedIncarnation.inDirectory(directory, Fixtures.OPTIONS);
            System.out.println(worker.info().incarnation());
          }
          case "exit" -> {
            worker.markExit(1);
            System.out.println("exited");
          }
          case "close" -> {
            worker.close();
            System.out.println("closed");
          }
          case "forget properties" -> {
            System.setProperties(new Properties());
            System.out.println("forgotten");
          }
          case "read" -> System.out.println(liveOf(reader));
          case "read anew" -> System.out.println(Fixtures.read(directory).workers().size());
          default -> throw new IllegalArgumentException("unknown command");
        }
      }
    }
    Runtime.getRuntime().halt(0);
  }

  /** The live incarnations, as another process sees them. */
  static List<String> liveOf(DirectoryReader reader) throws IOException {
    return reader.read().workers().stream()
        .filter(Snapshot::live)
        .map(live -> live.worker().incarnation().toString())
        .toList();
  }
}
