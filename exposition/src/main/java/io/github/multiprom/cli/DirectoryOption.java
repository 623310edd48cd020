package io.github.multiprom.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The option that names the metrics directory. */
final class DirectoryOption {
  @Spec(Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--dir",
      paramLabel = "D",
      description =
          "The metrics directory; by default the system property multiprom.dir, then the environment"
              + " variable PROMETHEUS_MULTIPROC_DIR.")
  private Path directory;

  /**
   * The directory.
   *
   * @throws ParameterException if none is named
   * @throws CommandFailure if there is none of that name
   */
  Path existing() {
    Path path = directory != null ? directory : configured();
    if (!Files.exists(path)) {
      throw new CommandFailure("directory " + path + " does not exist");
    }
    if (!Files.isDirectory(path)) {
      throw new CommandFailure(path + " is not a directory");
    }
    if (!Files.isReadable(path)) {
      throw new CommandFailure("directory " + path + " cannot be read");
    }
    return path;
  }

  private Path configured() {
    String name = System.getProperty("multiprom.dir", "");
    if (name.isBlank()) {
      String variable = System.getenv("PROMETHEUS_MULTIPROC_DIR");
      name = variable == null ? "" : variable;
    }
    if (name.isBlank()) {
      throw new ParameterException(command.commandLine(), "--dir is missing");
    }
    return Path.of(name);
  }
}
