import { onnx } from '@isonet/backend-onnx';
import { serve } from 'isonet';

serve(onnx, self);
