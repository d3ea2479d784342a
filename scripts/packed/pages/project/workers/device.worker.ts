import { webgpu } from '@isonet/backend-webgpu';
import { serve } from 'isonet';

serve(webgpu, self);
