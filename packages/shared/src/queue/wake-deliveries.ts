/** Whoever makes a transition wakes a worker for the deliveries it gave birth to; what gets lost the sweeper finds. */
import type { RequestRef } from "../domain/request.js";
import type { Logger } from "../log.js";
import type { Producer } from "./producer.js";

export function createDeliveryWaker(producer: Pick<Producer, "wakeDelivery">, log: Logger) {
  return (deliveries: RequestRef[]): void => {
    for (const delivery of deliveries) {
      producer.wakeDelivery(delivery).catch((error) => {
        log.warn({ err: error, deliveryId: delivery.id }, "a wake-up was not enqueued; the sweeper will send one");
      });
    }
  };
}
