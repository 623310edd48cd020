package io.github.multiprom.python;

import io.github.multiprom.model.ForeignSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A host on which no process runs, as its {@code /proc} says: all Python processes have ended. */
public final class EndedProcesses {
  private EndedProcesses() {}

  /**
   * A source that retires.
   *
   * @param proc where the {@code /proc} of that host is, or is made
   */
  public static ForeignSource source(Path directory, Path proc) throws IOException {
    Path namespace = proc.resolve("self/ns/pid");
    if (!Files.isSymbolicLink(namespace)) {
      Files.createDirectories(namespace.getParent());
      Files.createSymbolicLink(namespace, Path.of("pid:[4026531836]"));
    }
    return new PythonSource(directory, true, new PythonProcesses(proc));
  }
}
