package io.github.multiprom.exposition.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.exposition.format.Chunks;
import io.github.multiprom.exposition.format.Chunks.Chunk;
import io.github.multiprom.exposition.format.ExpositionBytes;
import io.github.multiprom.exposition.http.RequestThreads.Limits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.Pipe;
import java.util.Collections;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class RequestThreadsTest {
  private final Limits limits =
      new Limits(TimeUnit.MILLISECONDS.toNanos(1), TimeUnit.MILLISECONDS.toNanos(1));
  private final RequestThreads threads = new RequestThreads(limits);

  @AfterEach
  void stop() {
    threads.close();
  }

  /** How a request ends that waits for a client who says nothing. */
  private Class<?> endOfWaiting(boolean sending) throws Exception {
    IOException end;
    do {
      end = waiting(sending).get();
      // Its thread may stand still before it waits, and has lost its client by then.
    } while (end != null && "the client was too slow".equals(end.getMessage()));
    return end == null ? null : end.getClass();
  }

  private CompletableFuture<IOException> waiting(boolean sending) throws IOException {
    Pipe silent = Pipe.open();
    CompletableFuture<IOException> ended = new CompletableFuture<>();
    threads.execute(
        () -> {
          try (Pipe.SinkChannel sink = silent.sink();
              Pipe.SourceChannel source = silent.source()) {
            if (sending) {
              threads.received();
              threads.sending(new Chunks().toBytes());
            }
            source.read(ByteBuffer.allocate(1));
            ended.complete(null);
          } catch (IOException e) {
            ended.complete(e);
          }
        });
    return ended;
  }

  @Test
  void endsARequestThatDoesNotArrive() throws Exception {
    assertEquals(ClosedByInterruptException.class, endOfWaiting(false));
  }

  @Test
  void endsAnAnswerThatIsNotTaken() throws Exception {
    assertEquals(ClosedByInterruptException.class, endOfWaiting(true));
  }

  @Test
  void makesASlowClientGiveItsRoomToTheNextAnswer() throws Exception {
    // A stand-in for an answer as long as the heap.
    Chunk chunk = new Chunk(new byte[0], Integer.MAX_VALUE);
    ExpositionBytes answer = new ExpositionBytes(Collections.nCopies(1_000, chunk));
    try (RequestThreads patient = new RequestThreads(Limits.ofSeconds(60, 60))) {
      CountDownLatch sending = new CountDownLatch(1);
      CountDownLatch never = new CountDownLatch(1);
      CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
      patient.execute(
          () -> {
            try {
              patient.received();
              patient.sending(answer);
              sending.countDown();
              interrupted.complete(!never.await(60, TimeUnit.SECONDS));
            } catch (InterruptedException e) {
              interrupted.complete(true);
            } catch (IOException e) {
              interrupted.completeExceptionally(e);
            }
          });
      sending.await();
      patient.awaitRoom(1);
      assertTrue(interrupted.isDone(), "there was no room");
    }
  }

  @Test
  void letsWorkTakeItsTime() throws Exception {
    CountDownLatch mayEnd = new CountDownLatch(1);
    CompletableFuture<InterruptedException> ended = new CompletableFuture<>();
    while (!startsWork(mayEnd, ended)) {
      // Its thread stood still before, and has lost its client.
    }
    // By then somebody has looked for slow clients, and found this one.
    waiting(false).get();
    mayEnd.countDown();
    assertNull(ended.get());
  }

  private boolean startsWork(CountDownLatch mayEnd, CompletableFuture<InterruptedException> ended)
      throws Exception {
    CompletableFuture<Boolean> working = new CompletableFuture<>();
    threads.execute(
        () -> {
          try {
            threads.received();
            working.complete(true);
            mayEnd.await();
            ended.complete(null);
          } catch (InterruptedException e) {
            ended.complete(e);
          } catch (IOException e) {
            working.complete(false);
          }
        });
    return working.get();
  }

  @Test
  void refusesToAnswerAClientWhoWasGivenUp() throws Exception {
    CompletableFuture<Void> ended = new CompletableFuture<>();
    threads.execute(
        () -> {
          while (!Thread.currentThread().isInterrupted()) {
            Thread.onSpinWait();
          }
          assertThrows(IOException.class, threads::received);
          ended.complete(null);
        });
    ended.get();
  }
}
