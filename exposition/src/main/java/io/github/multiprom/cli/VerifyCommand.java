package io.github.multiprom.cli;

import io.github.multiprom.internal.directory.FileStatus;
import io.github.multiprom.internal.directory.MetricsDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Checks every file of a directory. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = "Checks every file; exit code 1 and a line each if some are damaged.")
final class VerifyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private DirectoryArgument directory;

  @Override
  public Integer call() throws IOException {
    MetricsDirectory metrics = new MetricsDirectory(directory.existing());
    List<FileStatus> files = metrics.files();
    PrintWriter out = spec.commandLine().getOut();
    int damaged = 0;
    for (FileStatus file : files) {
      if (file.problem() != null) {
        damaged++;
        out.println(Words.plain(file.file() + ": " + file.problem()));
      }
    }
    int others = metrics.foreignFiles();
    if (files.isEmpty() && others > 0) {
      out.println(Words.noneOf(others));
    } else if (damaged == 0) {
      out.println(Words.count(files.size(), "file") + ", all good");
    }
    out.flush();
    return damaged == 0 ? 0 : 1;
  }
}
