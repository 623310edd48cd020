package io.github.multiprom.cli;

import io.github.multiprom.internal.ownership.DirectoryName;
import io.github.multiprom.model.Settings;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The option that names the metrics directory; a mixin of commands. One thread. */
public final class DirectoryOption {
  @Spec(Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--dir",
      paramLabel = "D",
      description =
          "The metrics directory; by default the system property multiprom.dir, then the"
              + " environment variable PROMETHEUS_MULTIPROC_DIR.")
  private Path directory;

  @Option(
      names = "--trust",
      paramLabel = "any",
      description =
          "any: count files of all users. By default, in a directory with the sticky bit, as"
              + " /dev/shm, those of this user, of root and of the directory's owner.")
  void setTrust(String whom) {
    if (!whom.equals("any")) {
      throw new ParameterException(command.commandLine(), "--trust must be any: " + whom);
    }
    System.setProperty(Settings.TRUST, whom);
  }

  /** Whether the option was given. */
  boolean isNamed() {
    return directory != null;
  }

  /**
   * The directory, which need not exist.
   *
   * @throws ParameterException if none is named
   * @throws CommandFailure if something else has that name
   */
  public Path path() {
    return path(null);
  }

  /**
   * The directory, which need not exist.
   *
   * @param argument the directory if it was named without the option; else null
   * @throws ParameterException if none is named, or two are
   * @throws CommandFailure if something else has that name
   */
  Path path(Path argument) {
    if (argument != null && directory != null) {
      throw new ParameterException(
          command.commandLine(), "two directories are named: " + directory + " and " + argument);
    }
    Path named = directory == null ? argument : directory;
    if (named != null && named.toString().isEmpty()) {
      // Of a script whose variable is not set: it would be the working directory.
      throw new ParameterException(
          command.commandLine(), "the name of the directory is empty; use . for this one");
    }
    Path path = named == null ? configured() : named;
    if (Files.exists(path) && !Files.isDirectory(path)) {
      throw new CommandFailure(path + " is not a directory");
    }
    return path;
  }

  /**
   * The directory, which exists.
   *
   * @throws ParameterException if none is named
   * @throws CommandFailure if it is not there or cannot be read
   */
  Path existing() {
    return existing(null);
  }

  /** The same of one that may have been named without the option. */
  Path existing(Path argument) {
    Path path = path(argument);
    if (!Files.exists(path)) {
      throw new CommandFailure("directory " + path + " does not exist");
    }
    if (!Files.isReadable(path)) {
      throw new CommandFailure("directory " + path + " cannot be read");
    }
    return path;
  }

  /** An empty property says that there is none, whatever the environment says. */
  private Path configured() {
    String property = System.getProperty(Settings.DIRECTORY);
    String variable = System.getenv(Settings.DIRECTORY_VARIABLE);
    String name =
        property != null
            ? DirectoryName.asUsed("System property multiprom.dir", property)
            : DirectoryName.asUsed("Environment variable PROMETHEUS_MULTIPROC_DIR", variable);
    if (name.isEmpty()) {
      throw new ParameterException(
          command.commandLine(), "no directory is named: use --dir or PROMETHEUS_MULTIPROC_DIR");
    }
    return toPath(name);
  }

  /**
   * The path of a name.
   *
   * @throws ParameterException if it cannot be one
   */
  Path toPath(String name) {
    try {
      return Path.of(name);
    } catch (InvalidPathException e) {
      throw new ParameterException(command.commandLine(), e.getMessage(), e);
    }
  }
}
