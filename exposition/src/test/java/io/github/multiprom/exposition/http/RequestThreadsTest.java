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

@Timeout(30)
class RequestThreadsTest {
  private final Limits limits =
      new Limits(TimeUnit.MILLISECONDS.toNanos(1), TimeUnit.MILLISECONDS.toNanos(1));
  private final RequestThreads threads = new RequestThreads(limits);

  @AfterEach
  void stop() {
    threads.close();
  }

  /** What a request becomes that waits for a client who says nothing. */
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
    assertEquals(ClosedByInterruptException.class, waiting(false).get().getClass());
  }

  @Test
  void endsAnAnswerThatIsNotTaken() throws Exception {
    assertEquals(ClosedByInterruptException.class, waiting(true).get().getClass());
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
    CountDownLatch working = new CountDownLatch(1);
    CountDownLatch mayEnd = new CountDownLatch(1);
    CompletableFuture<InterruptedException> ended = new CompletableFuture<>();
    threads.execute(
        () -> {
          try {
            threads.received();
            working.countDown();
            mayEnd.await();
            ended.complete(null);
          } catch (InterruptedException e) {
            ended.complete(e);
          } catch (IOException e) {
            ended.completeExceptionally(e);
          }
        });
    working.await();
    // By then somebody has looked for slow clients, and found this one.
    waiting(false).get();
    mayEnd.countDown();
    assertNull(ended.get());
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
