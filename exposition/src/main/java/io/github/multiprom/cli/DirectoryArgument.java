package io.github.multiprom.cli;

import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The metrics directory of a command that needs nothing else: by option or as the argument. */
final class DirectoryArgument {
  @Mixin private DirectoryOption option;

  @Parameters(
      arity = "0..1",
      paramLabel = "DIR",
      description = "The metrics directory, as with --dir.")
  private Path argument;

  /** See {@link DirectoryOption#path()}. */
  Path path() {
    return option.path(argument);
  }

  /** See {@link DirectoryOption#existing()}. */
  Path existing() {
    return option.existing(argument);
  }
}
