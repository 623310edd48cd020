package io.github.multiprom.cli;

import io.github.multiprom.merge.Retirer;
import io.github.multiprom.store.DirectoryReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
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
  /** Somebody else who retires is waited for, a collector most likely. */
  private static final int MAX_TRIES = 100;

  private static final long PAUSE_NANOS = 100_000_000L;

  @Spec private CommandSpec spec;

  @Mixin private DirectoryOption directory;

  @Override
  public Integer call() throws IOException {
    Path path = directory.existing();
    try (DirectoryReader reader = new DirectoryReader(path);
        Retirer retirer = new Retirer(reader)) {
      int retired = retirer.retire();
      for (int tries = 1; retired == Retirer.BUSY && tries < MAX_TRIES; tries++) {
        LockSupport.parkNanos(PAUSE_NANOS);
        retired = retirer.retire();
      }
      if (retired == Retirer.BUSY) {
        throw new CommandFailure("somebody else is retiring in " + path);
      }
      spec.commandLine().getOut().println("retired " + retired + " workers");
      spec.commandLine().getOut().flush();
    }
    return 0;
  }
}
