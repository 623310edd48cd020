package io.github.multiprom.cli;

import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.directory.RetiringPass;
import io.github.multiprom.merge.Retirer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Retires dead workers now. */
@Command(
    name = "compact",
    mixinStandardHelpOptions = true,
    description = "Folds dead workers into the retained totals, and deletes their files.")
final class CompactCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private DirectoryArgument directory;

  @Override
  public Integer call() throws IOException {
    Path path = directory.existing();
    try (DirectoryReader reader = new DirectoryReader(path)) {
      int retired = RetiringNow.retire(reader);
      if (retired == Retirer.BUSY) {
        throw new CommandFailure("somebody else is retiring in " + path + "; try again");
      }
      if (retired == 0 && !RetiringPass.isPossible(reader)) {
        throw new CommandFailure("this process cannot retire workers of " + path);
      }
      spec.commandLine().getOut().println("retired " + Words.count(retired, "worker"));
      spec.commandLine().getOut().flush();
    }
    return 0;
  }
}
